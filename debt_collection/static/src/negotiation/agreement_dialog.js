import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/**
 * Dialogs in which something is agreed on with a debtor, or a case is put on hold.
 *
 * What they make is evidence that cannot be deleted: only a button makes it. Odoo's own forms save
 * what was typed when they are left by the browser's back button or a closed tab; these do not.
 */
export class DebtAgreementDialogController extends FormController {
    beforeVisibilityChange() {}

    async beforeLeave() {
        return true;
    }

    async beforeUnload(ev) {
        if (await this.model.root.isDirty()) {
            ev.preventDefault();
            ev.returnValue = "Unsaved changes";
        }
    }

    /** Submitting makes the record and submits it in one request: refused, nothing is left. */
    async beforeExecuteActionButton(clickParams) {
        const root = this.model.root;
        if (root.isNew && "submit_now" in root.activeFields) {
            await root.update({ submit_now: clickParams.name === "action_open_submitted" });
        }
        return super.beforeExecuteActionButton(clickParams);
    }
}

registry.category("views").add("debt_agreement_dialog", {
    ...formView,
    Controller: DebtAgreementDialogController,
});
