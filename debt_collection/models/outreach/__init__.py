from . import debt_contact
from . import debt_notice
from . import debt_notice_content
from . import debt_notice_item
from . import debt_notice_dispatch
from . import mail_mail
from . import res_partner
