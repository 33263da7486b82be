"""What the people of the demo company write: shops, dealers and projects."""

from typing import NamedTuple


class VisitText(NamedTuple):
    purpose: str
    content: str
    result: str
    problem: str
    next_step: str


VISITS = [
    VisitText(
        "Autumn price list",
        "Went through the new price list item by item with the owner.",
        "Accepts the new prices for desks, wants last year's price for drawers.",
        "A wholesaler around the corner sells similar drawers 6 % cheaper.",
        "Ask the area manager for a quantity price from 50 drawers on.",
    ),
    VisitText(
        "Show the standing desk",
        "Set up the standing desk on the shop floor and showed the motor.",
        "Takes two display pieces at the display discount.",
        "No room before the old sofas are sold.",
        "Bring the display contract and a floor sticker.",
    ),
    VisitText(
        "Collect the overdue invoice",
        "Checked the open invoices against the dealer's own books.",
        "Paid half by transfer during the visit, the rest by the end of the month.",
        "One delivery was booked under the wrong shop.",
        "Send the corrected statement and call on the due date.",
    ),
    VisitText(
        "Stock count",
        "Counted desks, chairs and drawers in the shop and in the back room.",
        "Stock covers about three weeks; ordered 20 chairs.",
        "Eleven drawers have scratched fronts.",
        "Report the scratches with photos to customer service.",
    ),
    VisitText(
        "Office project on the fourth floor",
        "Measured the floor with the project lead: 64 workplaces, two meeting rooms.",
        "We may offer; three suppliers are invited.",
        "Wants delivery in two nights after 20:00.",
        "Layout drawing and offer by next Wednesday.",
    ),
    VisitText(
        "Follow up on the offer",
        "Discussed our offer for the reception area.",
        "Price is fine, the fabric is not decided.",
        "The tenant wants a fire certificate for the sofa fabric.",
        "Get the certificate from the technical department.",
    ),
    VisitText(
        "Complaint about an armrest",
        "Looked at four office chairs with loose armrests.",
        "Customer accepts a repair kit instead of new chairs.",
        "Screws were too short in one batch.",
        "Hand the batch number to quality.",
    ),
    VisitText(
        "First visit",
        "Introduced the company, left catalogue and samples of board and edge.",
        "Interested in drawers and small desks for students.",
        "Buys from a factory in Anji so far and pays after 60 days.",
        "Invite the owner to the showroom.",
    ),
    VisitText(
        "Promotion for the start of term",
        "Agreed on the corner for student desks and on two weekends with a promoter.",
        "Takes 30 desk pads as gifts and orders 15 desks.",
        "The mall allows posters only from Monday on.",
        "Order posters, find the promoter.",
    ),
    VisitText(
        "Train the shop staff",
        "Forty minutes with five sellers: how to explain the three chair lines.",
        "Staff can now explain the mechanism; two did it in front of a customer.",
        "Two of the sellers are new and work at weekends only.",
        "Repeat on a Saturday.",
    ),
    VisitText(
        "Order for the new branch",
        "The dealer opens a second shop in spring; went through the first order.",
        "Draft order over about 40 pieces, to be confirmed after the lease is signed.",
        "none",
        "Prepare the credit request for the second shop.",
    ),
    VisitText(
        "Check the competitor's shelf",
        "Compared prices and display of three competitors in the same hall.",
        "Competitor gives a mattress voucher with every desk set.",
        "Our display stands behind a pillar.",
        "Ask the hall manager for the place at the escalator.",
    ),
    VisitText(
        "Delivery date",
        "Explained the new delivery week and looked for substitutes.",
        "Customer takes the oak version of two tables at once.",
        "White fronts are two weeks late.",
        "Tell the warehouse to split the delivery.",
    ),
    VisitText(
        "Annual agreement",
        "Talked about the turnover of this year and the target of next year.",
        "Wants 2 % rebate from 300,000 on, the rest is agreed.",
        "The rebate of last year was paid out in March only.",
        "Draft the agreement with the department manager.",
    ),
    VisitText(
        "Hotel lobby",
        "Presented sofas and side tables for the lobby with material samples.",
        "Owner likes the linen sofa, asks for twelve pieces.",
        "Wants a sample piece to stay for two weeks.",
        "Arrange the sample from the showroom.",
    ),
    VisitText(
        "Regular visit",
        "Tidied up the display, replaced price tags, talked to the shop manager.",
        "Small reorder of drawers and lamps.",
        "none",
        "Next visit in two weeks.",
    ),
    VisitText(
        "Regular visit",
        "Owner was out; went through sales of the week with the shop manager.",
        "Three chairs and one desk sold since the last visit.",
        "Few people in the hall since the metro works began.",
        "Come back when the owner is in.",
    ),
    VisitText(
        "Tender of the school",
        "Asked for the tender conditions and the size of the classrooms.",
        "240 chairs in three sizes, decision in six weeks.",
        "Needs a test report that is not older than a year.",
        "Collect the papers with the sales assistant.",
    ),
    VisitText(
        "Return of old display pieces",
        "Agreed which display pieces go back and in which state.",
        "Two desks stay at 40 % off, one goes back.",
        "Packaging is gone.",
        "Book the truck for Thursday.",
    ),
    VisitText(
        "Decision maker of the fit-out",
        "Lunch with the designer who plans the two upper floors.",
        "Will draw our workplaces into the plan if the cable duct fits.",
        "Duct of the standard desk is 1 cm too narrow.",
        "Ask the design department for a wider duct.",
    ),
]

KEY_POINTS = [
    ("Get the overdue invoices paid", "Less than 30 days open", ""),
    ("Win one new shop for the chair line", "First order confirmed", ""),
    ("Place the standing desk in two shops", "Two display contracts", "Two desks"),
    ("Finish the offer for the office project", "Offer sent by Wednesday", ""),
    ("Train the sellers of the biggest dealer", "All sellers trained", "Catalogues"),
    ("Agree on next year's turnover", "Agreement signed", "Department manager joins"),
    ("Clear the complaints of the last delivery", "No open complaint", ""),
    (
        "Prepare the weekend promotion",
        "Promoter and posters booked",
        "1,500 for posters",
    ),
]

OFFICE_POINTS = [
    ("Check the orders of the week against the price list", "No deviation left", ""),
    ("Collect the papers for the school tender", "Folder complete", "Test report"),
    ("Send statements to dealers with open invoices", "All statements sent", ""),
    ("Prepare the figures for the department meeting", "Slides by Thursday", ""),
]

OUTCOMES = [
    ("done", "Done as planned."),
    ("done", "Done, a day later than planned."),
    ("done", "Done together with the area manager."),
    ("partly", "First half done, the customer asked for another week."),
    ("not_done", "Customer was away, moved to next week."),
]

RETURN_COMMENTS = [
    "Too few shops on Thursday. Please add the dealers of the next district.",
    "The overdue customers are missing. Plan them for the first half of the week.",
    "Say what you want to reach with the key points, not only whom you visit.",
]
CORRECTION_NOTE = "Customers of the neighbouring district added as asked."

APPROVE_COMMENTS = [
    "",
    "",
    "",
    "Good plan.",
    "Take the samples along.",
    "I join on Friday.",
]

REVIEW_COMMENTS = [
    "Read. Good week; keep at the office project.",
    "Good contact with the dealers. Write down prices of competitors next time.",
    "Collections first: two customers are beyond 60 days.",
    "Fine. Please say sooner when you need samples.",
    "More new customers, please; the regular ones run by themselves.",
    "Well described. Bring the display story to the department meeting.",
    "Visits are on plan, orders are not. Let us talk on Tuesday.",
    "Thank you. The complaint is with quality, answer by Friday.",
]

CANCEL_REASONS = [
    "Owner had to go to the factory",
    "Shop closed for inventory",
    "Customer moved the appointment to next month",
    "Heavy rain, road closed",
]

LATE_REASONS = [
    "Back from the customer in Xiaoshan at 20:30 only.",
    "Trade fair until Friday evening.",
    "Ill on Friday, certificate handed in.",
]

SUMMARIES = [
    "Good week in the shops, offers for two projects are out.",
    "Quiet week; the halls are empty because of the metro works.",
    "Most of the time went into the complaint and the stock count.",
    "Two new shops visited, one of them will order.",
    "Collections went well, new orders are slow.",
    "Full week, all planned dealers seen but two.",
]

# By number of the item in the template of the weekly report.
WEEKLY_ITEMS = {
    7: ["Train and taxi 186.", "Fuel and toll 240.", "One hotel night, 310.", ""],
    8: ["Weekend promotion sold 15 desks.", "No promotion this week.", ""],
    9: [
        "The two biggest dealers were seen twice; both reordered.",
        "Biggest dealer wants the annual agreement before he orders again.",
        "Key dealer has new management; first talk went well.",
        "All key customers seen, stock is fine everywhere.",
    ],
    11: ["One dealer is 20 days overdue, promised to pay next week.", "none", ""],
    12: ["A school and a hotel, both in the stage of offers.", "A fit-out firm.", ""],
    13: [
        "Competitor gives vouchers with every desk set.",
        "A brand from Anji opened a counter in the hall.",
        "No news.",
        "",
    ],
    14: [
        "About 8,000, most of it from the office project.",
        "About 5,000 from reorders.",
        "12,000 if the hotel decides.",
        "As this week.",
    ],
    15: ["Two invoices fall due, together about 4,000.", "The overdue half.", ""],
    16: ["As in the plan.", "Focus on the shops not seen for a month.", ""],
    19: [
        "Annual agreement with the biggest dealer.",
        "Stock count at two dealers.",
        "",
    ],
    20: ["Two first visits.", "One shop in the new mall.", ""],
    24: ["Subsidy for energy-saving furniture is discussed in the city.", "none", ""],
}

# What the sales assistant writes about the same items.
OFFICE_ITEMS = {
    9: ["Statements sent to all dealers; two called back.", "Price lists are out."],
    14: ["Orders of the week entered, papers of the tender complete.", "As this week."],
}

MONTHLY_RESULTS = [
    "Visits on plan; reorders of dealers are stable, one office project won.",
    "Weak first half because of the holidays, good second half.",
    "Two new shops, collections better than in the month before.",
]
MONTHLY_PROBLEMS = [
    "White fronts are late, dealers switch to the oak version or wait.",
    "Fewer people in the furniture halls; shop owners keep little stock.",
    "A competitor gives longer payment terms.",
]
MONTHLY_POINTS = [
    "Annual agreements with the three biggest dealers.",
    "Finish the school tender; place the standing desk in every hall.",
    "Bring everything older than 60 days home.",
]
MONTHLY_PROPOSALS = [
    "A joint showroom day for designers in spring.",
    "A small stock in Ningbo so that reorders arrive within two days.",
    "Quantity price for drawers from 50 pieces on.",
]

RULES_IN_FORCE = """
<p>Display pieces belong to the company until they are paid.</p>
<ol>
<li>Each piece has a display contract with photo, place and date.</li>
<li>The salesperson counts the pieces once a quarter and writes the count down in the
visit.</li>
<li>A piece stays at most six months; then the dealer buys it or it goes back.</li>
</ol>
"""
RULES_SUBMITTED = """
<p>How long a quotation binds us in the area of Ningbo.</p>
<ol>
<li>Quotations to dealers are valid for 14 days, those for projects for 30 days.</li>
<li>Longer terms need the approval of the area manager before they are sent.</li>
</ol>
"""

# Who, how many days ago, type of event, what is known of it, and the outcome:
# confirmed, the reason why it was dismissed, or nothing yet.
EVENTS = [
    (
        "sales",
        24,
        "customer_lost",
        {"note": "The shop in Xiaoshan now buys its drawers from a competitor."},
        "confirmed",
    ),
    (
        "sales2",
        17,
        "complaint",
        {"note": "A dealer waited nine days for an answer about damaged fronts."},
        "The parcel service lost the letter; the dealer agrees.",
    ),
    (
        "sales3",
        6,
        "loss_amount",
        {"amount": 20000, "note": "Wrong width in the order, 40 fronts cut anew."},
        "",
    ),
    (
        "sales",
        4,
        "weekly_summary_untrue",
        {"note": "Two of the customers in the summary were not visited."},
        "",
    ),
    (
        "sales4",
        3,
        "policy_not_executed",
        {"note": "A dealer got the price of the autumn campaign in advance."},
        "",
    ),
]

# The same for the months that were appraised: months ago, day of the month, who, type,
# what is known of it, and the outcome.
MONTH_EVENTS = [
    (
        3,
        12,
        "sales4",
        "distributor_report_late",
        {"note": "The dealer in Yinzhou sent the day's sales on the next morning."},
        "confirmed",
    ),
    (
        3,
        24,
        "area",
        "training_missing",
        {"note": "The training of August was put off and not made up for."},
        "confirmed",
    ),
    (
        2,
        9,
        "sales",
        "end_user_problem_late",
        {"note": "Wobbling desk at a law office, solved after 16 days instead of 7."},
        "confirmed",
    ),
    (
        2,
        17,
        "sales2",
        "rebate_form_late",
        {"note": "The dealer's stamp was missing, the form came on the 27th."},
        "The dealer was closed for the holidays and had told us before.",
    ),
    (
        2,
        22,
        "sales4",
        "rebate_form_late",
        {"note": "Form of Beilun handed in on the 28th."},
        "confirmed",
    ),
    (
        1,
        8,
        "sales",
        "distributor_report_late",
        {"note": "Xiaoshan sent the day's sales at 18:40 instead of 16:00."},
        "confirmed",
    ),
    (
        1,
        15,
        "sales4",
        "policy_not_executed",
        {"note": "Could not say how many drawers his dealer had in stock."},
        "confirmed",
    ),
    (
        1,
        21,
        "sales4",
        "distributor_problem_not_reported",
        {"note": "The dealer's quarrel with the carrier was known for two weeks."},
        "confirmed",
    ),
    (
        1,
        20,
        "sales2",
        "end_user_problem_late",
        {"note": "A school has waited for eleven drawer locks for three weeks."},
        "",
    ),
]

# Days on which people were absent: months ago, day of the month, who, how long, why.
ABSENCES = [
    (3, 5, "sales2", "full", "Sick, note handed in"),
    (3, 18, "area2", "half", "Authorities"),
    (2, 3, "sales4", "full", "Sick, note handed in"),
    (2, 4, "sales4", "full", "Sick, note handed in"),
    (2, 15, "sales", "half", "Parents' evening"),
    (1, 13, "sales", "half", "Doctor"),
    (1, 22, "sales3", "full", "Moved house"),
    (1, 27, "area", "full", "Sick, note handed in"),
]

# What leaders said in the talk, and what they agreed on.
TALKS = [
    (
        "Visits are well prepared and the reports can be used as they are. The small"
        " dealers get too little time: two of them were not seen for five weeks.",
        "See every dealer at least every third week, beginning with Xiaoshan.",
    ),
    (
        "Good month: the project on the fourth floor came from your own call. The"
        " weekly plan should say what you want to reach, not only where you go.",
        "Each visit in the plan names its aim; two new project leads.",
    ),
    (
        "You know your customers, and they say so. What happens after the visit gets"
        " lost: three offers went out a week late.",
        "Offers within two working days; we look at the list every Friday.",
    ),
    (
        "More calm at the end of the month: half of the orders came in the last four"
        " days, and the warehouse could not keep up.",
        "Half of the month's orders by the 15th.",
    ),
]
TALK_SUPPORT = [
    "",
    "A second set of fabric samples.",
    "",
    "Somebody from the technical department for two days.",
]

# Remarks of the leader to single items, and what people answered.
LINE_REMARKS = [
    "",
    "",
    "Complete, and to the point.",
    "",
    "Clear, but the numbers of the dealers are missing.",
    "",
    "Better than the month before.",
]
ANSWERS = [
    "Agreed. I will start with the dealers in the south.",
    "",
    "Fine with me; the samples would help.",
    "",
]
APPEAL = (
    "I knew the stock: the dealer had moved 40 drawers to his second shop on the day"
    " before, and told us only after the call. His mail of that evening is attached to"
    " the visit."
)

# ------------------------------------------------------------
# Visits: how they are made and believed
# ------------------------------------------------------------

#: The round of the main login on the day of the installation, from stop to stop.
TODAY = [
    ("sales_team_mgmt.demo_partner_dealer_01", "Stock count"),
    ("sales_team_mgmt.demo_partner_dealer_02", "Show the standing desk"),
    ("base.res_partner_2", "Follow up on the offer"),
    ("sales_team_mgmt.demo_partner_dealer_04", "Office project on the fourth floor"),
    ("base.res_partner_3", "Annual agreement"),
    ("sales_team_mgmt.demo_partner_dealer_03", "Collect the overdue invoice"),
]
VISIT_OF_TODAY = VisitText(
    "Stock count",
    "Counted the shelf and the back room with the shop manager.",
    "Chairs last for a week only; she orders after talking to the owner.",
    "Two desks have scratched tops.",
    "Send the offer for 20 chairs today.",
)

#: (customer, weekdays, from, to)
VISITING_HOURS = [
    ("demo_partner_dealer_05", "01234", 9, 11.5),
    ("demo_partner_dealer_05", "01234", 13.5, 17),
    ("demo_partner_dealer_06", "135", 13, 18),
    ("demo_partner_dealer_14", "02", 8.5, 12),
]

#: (name, login, region, color, weekdays, [(stop, week of the cycle)])
ROUTES = [
    (
        "West Lake and Canal",
        "sales",
        "demo_region_xihu",
        4,
        ("tuesday", "thursday"),
        [
            ("demo_partner_dealer_01", 0),
            ("demo_partner_dealer_02", 0),
            ("demo_partner_dealer_04", 0),
            ("demo_partner_dealer_03", 0),
        ],
    ),
    (
        "South of the River",
        "sales2",
        "demo_region_binjiang",
        10,
        ("wednesday",),
        [
            ("demo_partner_dealer_06", 0),
            ("demo_partner_dealer_07", 1),
            ("demo_partner_dealer_08", 1),
            ("demo_partner_dealer_09", 2),
            ("demo_partner_dealer_10", 2),
        ],
    ),
]

#: A place in Hangzhou, for customers whose own position nobody has set yet.
SOMEWHERE = (30.2500, 120.1700)
POSITION_REASONS = {
    "outside": [
        "The buyer asked me to come to the warehouse across the river.",
        "We met at the construction site of the customer.",
        "The shop has moved to the next block, the address is still the old one.",
    ],
    "denied": ["New phone, the browser was not allowed to read the position yet."],
    "timeout": ["In the basement of the mall, no reception."],
    "unknown": ["New customer, the position is not on the map yet."],
}
PHOTO_LABELS = ["Shelf before", "Shelf", "Display corner", "Shelf after", "Counter"]
COUNTED = (
    "product.product_product_24",
    "product.product_product_16",
    "product.product_order_01",
)
COMPETITORS = [
    {
        "name": "Anji Comfort",
        "product": "Mesh chair “Easy 3”",
        "price": 89,
        "promotion": "Cushion for free until the end of the month",
        "note": "Counter at the escalator, two promoters at weekends.",
    },
    {
        "name": "NordDesk",
        "product": "Standing desk 140 cm",
        "price": 329,
        "promotion": "Mattress voucher with every desk set",
    },
]

#: What leaders say about exceptions.
ACCEPTED = [
    "Talked to the customer, it is as you say.",
    "Fine, the meeting at the site was announced.",
    "Seen. Set the position of the customer next time you are there.",
]
REJECTED = "The warehouse is closed on that day. Please tell me beforehand."
QUESTION = "Where did you meet the customer, and who was there?"

#: Findings of the checks of last month; None is still to be checked.
SPOT_CHECKS = {
    "sales": [
        {
            "method": "phone",
            "asked": "The shop manager",
            "finding": "He was there for an hour and counted the back room.",
            "result": "true",
        },
        None,
    ],
    "sales2": [
        {
            "method": "phone",
            "asked": "The owner",
            "finding": "Nobody of us was there on that day; the owner was in the shop.",
            "result": "false",
        },
        {
            "method": "photo",
            "finding": "The photo shows the new display with its date.",
            "result": "true",
        },
    ],
    "sales4": [
        {
            "method": "phone",
            "asked": "The buyer",
            "finding": "They met between two doors, nothing was talked about.",
            "result": "ineffective",
        },
        {
            "method": "revisit",
            "asked": "The floor manager",
            "finding": "The desks are where the visit says.",
            "result": "true",
        },
        None,
    ],
}

#: (login, days from today, destination, purpose, stops, how far)
SLIPS = [
    (
        "sales2",
        -9,
        "Xiaoshan, airport district",
        "Complaint of the fittings dealer",
        [
            ("demo_partner_dealer_10", 9.5, "Complaint about an armrest"),
            ("demo_partner_dealer_09", 14, "Regular visit"),
        ],
        "returned",
    ),
    (
        "sales4",
        2,
        "Ningbo, Yinzhou",
        "Measure the new branch",
        [
            ("demo_partner_dealer_16", 9, "Order for the new branch"),
            ("demo_partner_dealer_17", 13.5, "Decision maker of the fit-out"),
        ],
        "approved",
    ),
    (
        "sales",
        2,
        "Linping",
        "Chair market, annual agreement",
        [("demo_partner_dealer_05", 10, "Annual agreement")],
        "submitted",
    ),
]
SLIP_COMMENT = "Take the samples along."

JOINT_VISIT = {
    "request": "The owner wants to talk about the rebate with my superior.",
    "strengths": "Knows the shop and its people, asked before he offered.",
    "to_improve": "The price came up too early. First the use, then the price.",
    "agreed_step": "Prepare three questions for the next talk with an owner.",
    "lines": [
        {"name": "Preparation", "score": "4", "note": "Figures of the shop at hand"},
        {"name": "Questions", "score": "3", "note": ""},
        {"name": "Closing", "score": "3", "note": "Date of the order left open"},
        {"name": "Knowledge of products", "score": "5", "note": ""},
    ],
}

#: (login, days ago, hour, customer, contact); today's hours are shares of the day.
CONTACTS = [
    (
        "sales",
        0,
        9,
        "demo_partner_dealer_05",
        {
            "way": "phone_out",
            "subject": "Appointment for the annual agreement",
            "content": "The owner is in on the day I proposed; wants the draft before.",
            "result": "Draft goes out by e-mail tonight.",
            "need": "More chairs with short delivery times",
            "next_step": "Send the draft",
        },
    ),
    (
        "sales",
        0,
        3,
        "base.res_partner_4",
        {
            "way": "phone_out",
            "subject": "Return of the display pieces",
            "content": "Two desks are packed, the third one is sold.",
            "result": "Truck on Thursday.",
        },
    ),
    (
        "sales",
        1,
        16,
        "demo_partner_dealer_03",
        {
            "way": "phone_in",
            "subject": "Question about the warranty of the motor",
            "content": "A buyer wants to know how long the motor is covered.",
            "wishes": "A sheet for the counter",
            "answer": "Five years; the sheet comes with the next visit.",
            "satisfaction": "satisfied",
        },
    ),
    (
        "sales",
        2,
        10,
        "demo_partner_dealer_01",
        {
            "way": "phone_out",
            "is_follow_up": True,
            "subject": "Chairs delivered last week",
            "content": "All arrived, two cartons were wet.",
            "wishes": "New cartons",
            "handling": "Warehouse sends cartons with the next truck.",
            "satisfaction": "fair",
            "cause": "The truck waited in the rain without a cover.",
            "improvement": "Cover for the ramp",
        },
    ),
    (
        "sales",
        4,
        11,
        "demo_partner_dealer_04",
        {
            "way": "letter_out",
            "letter_kind": "invitation",
            "subject": "Invitation to the showroom day",
            "content": "Two places for the designers.",
            "answer": "Both come.",
        },
    ),
    (
        "sales",
        6,
        15,
        "base.res_partner_3",
        {
            "way": "email_out",
            "subject": "Offer for the reception area",
            "content": "Offer and fire certificate of the fabric.",
            "result": "Forwarded to the tenant.",
        },
    ),
    (
        "sales2",
        1,
        9.5,
        "demo_partner_dealer_06",
        {
            "way": "phone_out",
            "subject": "Order for the open-plan office",
            "content": "Decision moved to next week.",
            "obstacle": "The landlord pays for the floor only.",
            "decision_maker": "Head of administration",
            "next_step": "Offer in two parts",
        },
    ),
    (
        "sales2",
        3,
        14,
        "demo_partner_dealer_09",
        {
            "way": "letter_in",
            "letter_kind": "reply",
            "subject": "Answer to our notice about prices",
            "content": "Accepts the new prices from next month on.",
        },
    ),
    (
        "sales4",
        1,
        11,
        "demo_partner_dealer_13",
        {
            "way": "phone_out",
            "subject": "Lamps for the display",
            "content": "Needs four more lamps for the corner.",
            "result": "Goes along with the next delivery.",
        },
    ),
    (
        "sales4",
        5,
        16,
        "demo_partner_dealer_15",
        {
            "way": "visitor",
            "subject": "Buyer in our showroom",
            "content": "Looked at drawers and prices, took samples along.",
            "competitor": "Buys from Anji so far.",
        },
    ),
]

#: (login, number of the visit from the last, days from today, promise, kept)
PROMISES = [
    (
        "sales",
        1,
        2,
        {"name": "Send the certificate of the fabric"},
        False,
    ),
    (
        "sales",
        2,
        5,
        {"name": "Pays the open half of the invoice", "kind": "collection"}
        | {"amount": 2400},
        False,
    ),
    ("sales", 8, -2, {"name": "Replace two scratched drawer fronts"}, False),
    ("sales", 6, -3, {"name": "Bring the price list for spring"}, True),
    ("sales2", 2, 4, {"name": "Offer in two parts for the open-plan office"}, False),
    ("sales2", 7, -4, {"name": "Repair kit for four armrests"}, True),
    (
        "sales4",
        6,
        -5,
        {"name": "Pays the delivery of last month", "kind": "collection"}
        | {"amount": 5150},
        True,
    ),
]

#: (login, number of the visit from the last, days ago, problem, steps taken)
ISSUES = [
    (
        "sales",
        1,
        1,
        {
            "kind": "question",
            "name": "Are the desks fit for a floor that is not level?",
            "description": "The old factory slopes by two centimetres over a desk.",
        },
        (),
    ),
    (
        "sales2",
        1,
        1,
        {
            "kind": "outlet",
            "name": "Display of chairs is blocked by a building site",
            "description": "The hall renews the floor for a week.",
            "action_plan": "Move the display to the entrance; ask the hall manager for"
            " a sign. Done by tomorrow noon, area manager helps with the hall.",
        },
        ("reported",),
    ),
    (
        "sales4",
        2,
        6,
        {
            "kind": "question",
            "name": "Can drawers be delivered in black?",
            "solution": "Yes, from 30 pieces on, six weeks.",
        },
        ("reported", "solved", "told"),
    ),
    (
        "sales",
        3,
        3,
        {
            "kind": "question",
            "name": "Who pays for the transport of returned display pieces?",
            "solution": "We do, once a quarter.",
        },
        ("reported", "solved"),
    ),
]
