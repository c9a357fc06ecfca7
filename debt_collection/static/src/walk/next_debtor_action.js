import { registry } from "@web/core/registry";

/** Close the dialog, then let the case on screen make room for the next debtor. */
async function nextDebtor(env) {
    await env.services.action.doAction({ type: "ir.actions.act_window_close" });
    env.bus.trigger("DEBT_COLLECTION:NEXT_DEBTOR");
}

registry.category("actions").add("debt_collection.next_debtor", nextDebtor);
