import { Component, onWillStart, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

/** First steps above the worklist, with a mark for what is done. Credit managers see it. */
export class Onboarding extends Component {
    static template = "debt_collection.Onboarding";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ steps: [] });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.steps = await this.orm.silent.call("debt.case", "get_onboarding_steps", []);
    }

    get done() {
        return this.state.steps.filter((step) => step.done).length;
    }

    open(step) {
        return this.action.doAction(step.action, { onClose: () => this.load() });
    }

    async dismiss() {
        await this.orm.call("debt.case", "dismiss_onboarding", []);
        this.state.steps = [];
    }
}
