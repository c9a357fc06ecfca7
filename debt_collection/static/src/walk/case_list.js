import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { orderByToString } from "@web/search/utils/order_by";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { Onboarding } from "../onboarding/onboarding";

/** The list a record is shown in: its group where the view is grouped. */
function listOf(root, record) {
    for (const group of root.groups || []) {
        const found = listOf(group.list, record);
        if (found) {
            return found;
        }
    }
    return root.groups || !root.records.includes(record) ? null : root;
}

/** Let a walk begin with the list from which a case is opened. */
const Walking = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.walk = useService("debt_walk");
        }

        async openRecord(record, ...args) {
            const list = listOf(this.model.root, record) || this.model.root;
            this.walk.begin(list.domain, orderByToString(list.orderBy || []));
            return super.openRecord(record, ...args);
        }
    };

export class DebtCaseListController extends Walking(ListController) {
    static template = "debt_collection.CaseListView";
    static components = { ...ListController.components, Onboarding };

    setup() {
        super.setup();
        this.action = useService("action");
    }

    /** Open the first debtor of the list. */
    async onStartWalk() {
        const root = this.model.root;
        const [resId] = await this.walk.begin(root.domain, orderByToString(root.orderBy || []));
        if (resId) {
            await this.props.selectRecord(resId, { activeIds: [resId] });
        }
    }
}

export class DebtCaseKanbanController extends Walking(KanbanController) {
    static template = "debt_collection.CaseKanbanView";
    static components = { ...KanbanController.components, Onboarding };
}

registry.category("views").add("debt_case_list", {
    ...listView,
    Controller: DebtCaseListController,
});

registry.category("views").add("debt_case_kanban", {
    ...kanbanView,
    Controller: DebtCaseKanbanController,
});
