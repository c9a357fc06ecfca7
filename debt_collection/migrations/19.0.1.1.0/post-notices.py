"""Standard levels get the texts of the channels that are new.

Before: levels had an e-mail template alone. Letters, SMS and scripts are new records; the standard
levels exist already and are not loaded again. E-mail templates nobody has touched since they were
installed get the new wording, those somebody edited stay as they are.
"""

from lxml import etree

from odoo import SUPERUSER_ID, api
from odoo.tools import file_open

LEVELS = ("courtesy", "reminder", "formal_reminder", "formal_notice")
TEXTS = {
    "letter_template_id": "letter_template",
    "sms_template_id": "sms_template",
    "script_template_id": "script_template",
}
DATA = "debt_collection/data/mail_template_data.xml"


def migrate(cr, version):
    """Fill what is empty, renew what is untouched."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in LEVELS:
        level = env.ref(f"debt_collection.level_{name}", raise_if_not_found=False)
        for field, prefix in TEXTS.items():
            template = env.ref(f"debt_collection.{prefix}_{name}", raise_if_not_found=False)
            if level and template and not level[field]:
                level[field] = template
    with file_open(DATA, "rb") as file:
        shipped = {node.get("id"): node for node in etree.parse(file).iter("record")}
    for name in LEVELS:
        template = env.ref(f"debt_collection.mail_template_{name}", raise_if_not_found=False)
        node = shipped[f"mail_template_{name}"]
        if template and template.write_date == template.create_date:
            body = node.find("field[@name='body_html']")
            template.write(
                {
                    "subject": node.findtext("field[@name='subject']"),
                    "body_html": "".join(
                        etree.tostring(child, encoding="unicode") for child in body
                    ),
                }
            )
