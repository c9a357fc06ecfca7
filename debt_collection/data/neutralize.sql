-- a copy of a production database must contact nobody
UPDATE res_company SET debt_send_automatically = FALSE, debt_run_daily = FALSE;
UPDATE debt_notice
   SET state = 'cancelled', state_reason = 'neutralized copy'
 WHERE state IN ('to_approve', 'to_review', 'ready', 'queued', 'failed');
