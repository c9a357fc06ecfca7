/* global Chart */
import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const AGEING = ["#7fb685", "#f2c14e", "#f29e4c", "#e76f51", "#c8553d", "#8d2b0b"];
const COLORS = { good: "#2a9d8f", line: "#264653", pale: "#a8b8c4" };

/** One graph; a click on a bar or a point opens the records behind it. */
export class DashboardChart extends Component {
    static template = "debt_collection.DashboardChart";
    static props = { chart: Object, currencyId: Number, open: Function };

    setup() {
        this.canvas = useRef("canvas");
        useEffect(
            () => {
                this.draw();
                return () => this.drawn?.destroy();
            },
            () => [this.props.chart]
        );
        onWillUnmount(() => this.drawn?.destroy());
    }

    format(value, short = false) {
        if (value === null || value === undefined) {
            return "";
        }
        if (this.props.chart.kind === "percent") {
            return `${Math.round(value * 100)} %`;
        }
        return formatCurrency(value, this.props.currencyId, { humanReadable: short });
    }

    color(name, place) {
        if (name === "ageing") {
            return AGEING[place];
        }
        return name.startsWith("bucket") ? AGEING[Number(name.slice(6))] : COLORS[name];
    }

    draw() {
        const { labels, series, type, kind, actions } = this.props.chart;
        if (!this.canvas.el || !series.length) {
            return;
        }
        this.drawn = new Chart(this.canvas.el, {
            type,
            data: {
                labels,
                datasets: series.map((one) => ({
                    type: one.type || type,
                    label: one.label,
                    data: one.values,
                    stack: one.stack,
                    backgroundColor: one.values.map((_value, place) => this.color(one.colors, place)),
                    borderColor: this.color(one.colors, 0),
                    borderWidth: (one.type || type) === "line" ? 2 : 0,
                    pointRadius: 4,
                    spanGaps: true,
                    order: one.type === "line" ? 0 : 1,
                })),
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "index", intersect: false },
                onClick: (_ev, points) => points.length && this.props.open(actions[points[0].index]),
                onHover: (ev, points) => {
                    ev.native.target.style.cursor = points.length ? "pointer" : "default";
                },
                plugins: {
                    legend: { display: series.length > 1, position: "bottom", labels: { boxWidth: 12 } },
                    tooltip: {
                        callbacks: {
                            label: (item) => `${item.dataset.label}: ${this.format(item.raw)}`,
                        },
                    },
                },
                scales: {
                    x: { stacked: Boolean(series[0].stack), grid: { display: false } },
                    y: {
                        stacked: Boolean(series[0].stack),
                        beginAtZero: true,
                        max: kind === "percent" ? 1 : undefined,
                        ticks: { callback: (value) => this.format(value, true), maxTicksLimit: 6 },
                    },
                },
            },
        });
    }
}

/** The manager's page: how things stand, where they go, and who is left alone. */
export class Dashboard extends Component {
    static template = "debt_collection.Dashboard";
    static components = { ControlPanel, DashboardChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({ options: this.props.state?.options || {}, data: null, loading: true });
        useSetupAction({ getLocalState: () => ({ options: this.state.options }) });
        onWillStart(async () => {
            await Promise.all([loadBundle("web.chartjs_lib"), this.load()]);
        });
    }

    async load() {
        this.state.loading = true;
        try {
            const data = await this.keepLast.add(
                this.orm.call("debt.dashboard", "get_dashboard", [this.state.options])
            );
            this.state.data = data;
            this.state.options = data.options;
        } finally {
            this.state.loading = false;
        }
    }

    get pickers() {
        return [
            { name: "user_id", label: _t("Officer") },
            { name: "team_id", label: _t("Team") },
            { name: "segment_id", label: _t("Segment") },
        ].filter((picker) => this.state.data.choices[picker.name]?.length);
    }

    onPick(name, ev) {
        this.state.options = { ...this.state.options, [name]: Number(ev.target.value) || false };
        this.load();
    }

    money(amount) {
        return formatCurrency(amount, this.state.data.currency_id);
    }

    value(tile) {
        return tile.kind === "money"
            ? formatCurrency(tile.value, this.state.data.currency_id, { humanReadable: tile.value >= 1e6 })
            : tile.value;
    }

    percent(share) {
        return `${Math.round(share * 100)} %`;
    }

    width(share) {
        return `width: ${Math.min(100, Math.round(share * 100))}%`;
    }

    day(text) {
        return text ? luxon.DateTime.fromISO(text).toLocaleString(luxon.DateTime.DATE_MED) : _t("Never");
    }

    open(action) {
        return this.action.doAction(action);
    }

    openRecord(model, id) {
        if (id) {
            this.open({
                type: "ir.actions.act_window",
                res_model: model,
                res_id: id,
                views: [[false, "form"]],
            });
        }
    }
}

registry.category("actions").add("debt_dashboard", Dashboard);
