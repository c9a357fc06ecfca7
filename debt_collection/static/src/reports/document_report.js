import { Component, markup, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** A report of the server on a screen of its own: a day, an officer, a team, a segment; files. */
export class DocumentReport extends Component {
    static template = "debt_collection.DocumentReport";
    static components = { ControlPanel };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.model = this.props.action.params?.model;
        this.state = useState({
            options: this.props.state?.options || {},
            choices: {},
            html: "",
            loading: true,
        });
        useSetupAction({ getLocalState: () => ({ options: this.state.options }) });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.loading = true;
        try {
            const screen = await this.keepLast.add(
                this.orm.call(this.model, "get_screen", [this.state.options])
            );
            // The server escapes every value while it draws the report.
            this.state.html = markup(screen.html);
            this.state.options = screen.options;
            this.state.choices = screen.choices;
        } finally {
            this.state.loading = false;
        }
    }

    get pickers() {
        return [
            { name: "company_id", label: _t("Company"), required: true },
            { name: "user_id", label: _t("Officer") },
            { name: "team_id", label: _t("Team") },
            { name: "segment_id", label: _t("Segment") },
        ].filter((picker) => this.state.choices[picker.name]?.length);
    }

    set(name, value) {
        this.state.options = { ...this.state.options, [name]: value || false };
        this.load();
    }

    onPick(name, ev) {
        this.set(name, Number(ev.target.value));
    }

    onDate(ev) {
        if (ev.target.value) {
            this.set("date", ev.target.value);
        }
    }

    download(form) {
        return download({
            url: `/debt_collection/report/${this.model}/${form}`,
            data: { options: JSON.stringify(this.state.options) },
        });
    }
}

registry.category("actions").add("debt_document_report", DocumentReport);
