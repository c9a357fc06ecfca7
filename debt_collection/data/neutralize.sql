-- a copy of a production database must contact nobody
UPDATE res_company SET debt_send_automatically = FALSE, debt_run_daily = FALSE;
UPDATE debt_notice
   SET state = 'cancelled', state_reason = 'neutralized copy'
 WHERE state IN ('to_approve', 'to_review', 'ready', 'queued', 'failed');
UPDATE mail_mail
   SET state = 'cancel'
  FROM mail_message
 WHERE mail_message.id = mail_mail.mail_message_id AND mail_message.model = 'debt.notice'
   AND mail_mail.state IN ('outgoing', 'exception');
UPDATE sms_sms
   SET state = 'canceled'
  FROM mail_message
 WHERE mail_message.id = sms_sms.mail_message_id AND mail_message.model = 'debt.notice'
   AND sms_sms.state IN ('outgoing', 'error');
