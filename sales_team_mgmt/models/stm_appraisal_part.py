from odoo import api, fields, models

from ..tools import scoring


class StmAppraisalPart(models.Model):
    """What a section of a sheet adds up to, and what it weighs."""

    _name = "stm.appraisal.part"
    _description = "Section of an Appraisal Sheet"
    _order = "appraisal_id, sequence, id"
    _rec_name = "section_id"

    appraisal_id = fields.Many2one(
        "stm.appraisal", required=True, index=True, ondelete="cascade"
    )
    section_id = fields.Many2one(
        "stm.appraisal.section", required=True, ondelete="restrict"
    )
    sequence = fields.Integer(related="section_id.sequence", store=True)
    weight = fields.Float(related="section_id.weight", string="Weight %")
    points = fields.Float(readonly=True, aggregator="avg")
    has_points = fields.Boolean(readonly=True)
    weighted = fields.Float(compute="_compute_weighted")
    why = fields.Char(string="Explanation", readonly=True)

    _uniq = models.UniqueIndex(
        "(appraisal_id, section_id)", "This section is on the sheet already."
    )

    @api.depends("points", "weight")
    def _compute_weighted(self):
        for part in self:
            part.weighted = part.points * part.weight / 100

    @api.model
    def _fill(self, sheets):
        """Add up the items of each section."""
        known = {(p.appraisal_id.id, p.section_id.id): p for p in sheets.part_ids}
        new = []
        for sheet in sheets:
            env = sheet.with_context(lang=sheet.user_id.lang).env
            lines = sheet.line_ids.grouped("section_id")
            for section in sheet.template_id.section_ids:
                own = lines.get(section, sheet.line_ids.browse())
                result = scoring.section(
                    [line.points if line.has_points else None for line in own],
                    section.minimum,
                    section.maximum,
                    section.base,
                    env,
                )
                values = {
                    "points": float(result.points or 0),
                    "has_points": result.points is not None,
                    "why": result.why,
                }
                part = known.get((sheet.id, section.id))
                if part:
                    part.write(values)
                else:
                    new.append(
                        {
                            "appraisal_id": sheet.id,
                            "section_id": section.id,
                            "sequence": section.sequence,
                            **values,
                        }
                    )
        self.create(new)
