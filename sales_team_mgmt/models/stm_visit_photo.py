import base64
import binascii
import hashlib
import io

from PIL import Image, ImageOps, UnidentifiedImageError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Bytes of a photo as it comes, in base64.
MAX_ENCODED = 15 * 1024 * 1024
#: Pixels of a photo as it comes: “12 megapixels” are a little more than 12 million.
MAX_PIXELS = 12_600_000
FORMATS = ("JPEG", "PNG")
QUALITY = 85


class StmVisitPhoto(models.Model):
    """A photo taken at a customer, with the hash of the file as it came (VIS-09).

    It is stored in the size that the company has set and without what the camera wrote
    into it (place, owner, device). After the time that the company has set the picture
    is deleted; what it was called, when it was taken and its hash stay.
    """

    _name = "stm.visit.photo"
    _description = "Photo of a Visit"
    _inherit = ["stm.visit.part.mixin"]
    _order = "visit_id, taken_at, id"
    _rec_name = "label"

    _stm_system_fields = frozenset(
        {"sha256", "received_at", "width", "height", "is_purged"}
    )

    label = fields.Char(required=True, default=lambda self: self.env._("Photo"))
    image = fields.Image(string="Photo", attachment=True, copy=False)
    sha256 = fields.Char(
        string="Fingerprint",
        readonly=True,
        copy=False,
        index=True,
        help="SHA-256 of the file as it came from the phone.",
    )
    taken_at = fields.Datetime(
        string="Taken on",
        required=True,
        default=fields.Datetime.now,
        help="As the phone says.",
    )
    received_at = fields.Datetime(
        string="Arrived", required=True, readonly=True, default=fields.Datetime.now
    )
    width = fields.Integer(readonly=True, aggregator=None)
    height = fields.Integer(readonly=True, aggregator=None)
    is_purged = fields.Boolean(
        string="Picture Deleted", readonly=True, help="Kept for the time set, then not."
    )

    _list_idx = models.Index("(visit_id, taken_at, id)")
    _once = models.UniqueIndex(
        "(visit_id, sha256)", "This photo is in the visit already."
    )
    _purge_idx = models.Index("(company_id, received_at) WHERE is_purged IS NOT TRUE")

    # ------------------------------------------------------------
    # CRUD methods
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the photo in its final size, and the hash of what came."""
        prepared = []
        for vals in vals_list:
            if not self.env.su:
                self.browse()._stm_check_system_fields(vals)
            prepared.append({**vals, **self._stm_prepare_photo(vals)})
        visits = self.env["stm.visit"].browse({vals["visit_id"] for vals in prepared})
        known = {
            (photo.visit_id.id, photo.sha256)
            for photo in self.sudo().search([("visit_id", "in", visits.ids)])
        }
        for vals in prepared:
            if (vals["visit_id"], vals["sha256"]) in known:
                raise UserError(self.env._("This photo is in the visit already."))
        photos = super(StmVisitPhoto, self.sudo()).create(prepared).with_env(self.env)
        if not self.env.su:
            photos.check_access("create")
            photos.visit_id._stm_check_period()
        photos.visit_id._stm_after_photo(photos)
        return photos

    # ------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------

    @api.model
    def _stm_prepare_photo(self, vals):
        if not vals.get("visit_id") or not vals.get("image"):
            raise UserError(self.env._("A photo needs a visit and a picture."))
        company = self.env["stm.visit"].browse(vals["visit_id"]).sudo().company_id
        photo = self._stm_store(vals["image"], company.stm_photo_pixels)
        return {**photo, "received_at": fields.Datetime.now()}

    @api.model
    def _stm_store(self, encoded, pixels):
        """Values of a picture in base64: checked, upright, small, anonymous."""
        source = self._stm_decode(encoded)
        content, width, height = self._stm_shrink(source, pixels)
        return {
            "image": base64.b64encode(content),
            "sha256": hashlib.sha256(source).hexdigest(),
            "width": width,
            "height": height,
        }

    @api.model
    def _stm_decode(self, encoded):
        """The bytes of a photo that comes in base64."""
        if not isinstance(encoded, (str, bytes)):
            raise UserError(self.env._("This photo is broken. Take it again."))
        if len(encoded) > MAX_ENCODED:
            raise UserError(
                self.env._(
                    "This photo is too big: %(limit)s MB at most. Take it with fewer"
                    " pixels.",
                    limit=MAX_ENCODED // 1024**2,
                )
            )
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise UserError(
                self.env._("This photo is broken. Take it again.")
            ) from error

    @api.model
    def _stm_shrink(self, source, pixels):
        """A photo upright, no longer than ``pixels``, without what the camera added.

        What it is is seen from its content, whatever it is called.

        :return: (bytes of a JPEG, width, height)
        """
        try:
            photo = Image.open(io.BytesIO(source), formats=FORMATS)
            if photo.width * photo.height > MAX_PIXELS:
                raise UserError(
                    self.env._(
                        "This photo has %(width)s × %(height)s pixels; 12 megapixels"
                        " are the limit. Take it with fewer pixels.",
                        width=photo.width,
                        height=photo.height,
                    )
                )
            if self._stm_is_cut(source, photo.format):
                raise OSError("cut")
            # Cameras decode smaller at no cost; a thumbnail never grows.
            photo.draft("RGB", (pixels, pixels))
            photo = ImageOps.exif_transpose(photo).convert("RGB")
            photo.thumbnail((pixels, pixels), Image.Resampling.LANCZOS)
        except UnidentifiedImageError as error:
            raise UserError(
                self.env._("This is no photo. Send a JPEG or PNG picture.")
            ) from error
        except (
            OSError,
            ValueError,
            SyntaxError,
            Image.DecompressionBombError,
        ) as error:
            raise UserError(
                self.env._("This photo is broken. Take it again.")
            ) from error
        target = io.BytesIO()
        photo.save(target, "JPEG", quality=QUALITY, optimize=True)
        return target.getvalue(), photo.width, photo.height

    @api.model
    def _stm_is_cut(self, source, kind):
        """Whether the end of a picture is missing, which Odoo lets Pillow overlook.

        The data of a JPEG begins with one marker and ends with another; neither is
        found inside of it, and a small picture in its head has both.
        """
        if kind == "PNG":
            return b"IEND" not in source
        return source.rfind(b"\xff\xd9") < source.rfind(b"\xff\xda")

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_purge(self, limit=200):
        """Delete pictures older than each company keeps them; their hashes stay."""
        companies = self.env["res.company"].sudo().search([("id", "!=", 0)])

        def purge():
            done = 0
            for company in companies:
                photos = self.sudo().search(
                    [
                        ("company_id", "=", company.id),
                        ("is_purged", "=", False),
                        ("received_at", "<", company._stm_kept_since("stm_photo_days")),
                    ],
                    order="received_at, id",
                    limit=limit,
                )
                photos._stm_purge()
                done += len(photos)
                done += self._stm_purge_answers(company, limit)
            return done

        cron = self.env["ir.cron"]
        if cron._stm_do_all(purge):
            cron._stm_finish()

    def _stm_purge(self):
        self.write({"image": False, "is_purged": True})

    @api.model
    def _stm_purge_answers(self, company, limit):
        """Delete photos that answer a question; that it was answered stays.

        :return: how many
        """
        for name in ("stm.visit", "stm.checklist.answer", "ir.attachment"):
            self.env[name].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT answer.id
                  FROM ir_attachment file
                  JOIN stm_checklist_answer answer ON answer.id = file.res_id
                  JOIN stm_visit visit ON visit.id = answer.res_id
                 WHERE file.res_model = 'stm.checklist.answer'
                   AND file.res_field = 'value_photo'
                   AND COALESCE(visit.check_out_at, visit.start_at) < %(old)s
                   AND answer.model = 'stm.visit' AND visit.company_id = %(company)s
                 ORDER BY file.id
                 LIMIT %(limit)s
                """,
                old=company._stm_kept_since("stm_photo_days"),
                company=company.id,
                limit=limit,
            )
        )
        answers = self.env["stm.checklist.answer"].sudo()
        answers = answers.browse(id_ for (id_,) in rows)
        answers._stm_purge_photos()
        return len(answers)
