import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

export class DebtCaseFormController extends FormController {
    setup() {
        super.setup();
        this.walk = useService("debt_walk");
        this.notification = useService("notification");
        useBus(this.env.bus, "DEBT_COLLECTION:NEXT_DEBTOR", () => this.goToNextDebtor());
    }

    /** "Next debtor" stays in the form while a walk is under way; else the server decides. */
    async beforeExecuteActionButton(clickParams) {
        const saved = await super.beforeExecuteActionButton(clickParams);
        if (clickParams.name !== "action_next_debtor" || saved === false) {
            return saved;
        }
        return !(await this.goToNextDebtor());
    }

    /** @returns {Promise<boolean>} whether the case on screen belongs to a walk */
    async goToNextDebtor() {
        const { known, resId, resIds } = await this.walk.next(this.model.root.resId);
        if (known && resId) {
            await this.model.load({ resId, resIds });
        } else if (known) {
            this.notification.add(_t("That was the last debtor of the list."), {
                type: "success",
            });
            this.env.config.historyBack();
        }
        return known;
    }
}

registry.category("views").add("debt_case_form", {
    ...formView,
    Controller: DebtCaseFormController,
});
