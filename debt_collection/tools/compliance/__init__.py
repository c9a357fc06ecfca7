"""The compliance gate's decision logic: may this be done to this debtor, now, in this way?

Pure functions without the ORM. The models gather what is known (:mod:`.facts`) and the rules in
force (:mod:`.rules`, with the parameters of :mod:`.parameters`), ask :func:`.decision.evaluate`,
and store the answer. Nothing here reads a clock or a database; the moment is always given, in UTC.

What holds everywhere:

* hours are half-open: 08:00-21:00 has 08:00:00 and has not 21:00:00;
* a day is a calendar day where the debtor is; with several possible time zones each of them has
  to agree, and with none nothing that depends on the clock is allowed;
* rules add up: what one forbids no other allows, so a state's rules never relax its country's;
* a wait of n days has passed on the day after the nth day;
* every hit says from when on it will not be one, and the next lawful moment is the first at which
  no rule stands in the way.

Modules by concern: ``clock`` (zones and dates), ``windows`` (weekly hours), ``business_days``
(waits), ``counting`` (frequency, cool-off), ``limitation`` (time bar, retention), ``charges``
(money), ``parameters`` and ``rules`` (what a rule is), ``facts`` (what is asked and known),
``check_*`` (one function per type of rule), ``decision``, ``override`` and ``sentences`` (words).
"""
