import {
    Component,
    markRaw,
    onMounted,
    onWillStart,
    onWillUnmount,
    useRef,
    useState,
} from "@odoo/owl";
import { formatCurrency, getCurrency } from "@web/core/currency";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useSetupAction } from "@web/search/action_hook";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const ROW_HEIGHT = 32;
const OVERSCAN = 12;

/**
 * Receivables by age on any day. The server sends one row for each debtor; only the rows in view
 * are drawn, so that tens of thousands scroll smoothly. Items are fetched when a row unfolds.
 */
export class AgedBalance extends Component {
    static template = "debt_collection.AgedBalance";
    static components = { ControlPanel, Dropdown, DropdownItem };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.scroller = useRef("scroller");
        const saved = this.props.state || {};
        this.state = useState({
            options: saved.options || this.props.action.params?.options || {},
            choices: null,
            columns: [],
            rows: markRaw([]),
            totals: {},
            officers: {},
            leftOut: 0,
            unfolded: markRaw({}),
            focus: 0,
            scrollTop: 0,
            height: 600,
            loading: true,
            checks: null,
            showFilters: false,
            limitsText: "",
        });
        this.savedScroll = saved.scrollTop || 0;
        this.savedUnfolded = saved.unfolded || [];
        this.reloadSoon = useDebounced(() => this.reload(), 350);
        this.measure = () => {
            if (this.scroller.el) {
                this.state.height = this.scroller.el.clientHeight;
            }
        };
        useSetupAction({
            getLocalState: () => ({
                options: this.state.options,
                scrollTop: this.scroller.el?.scrollTop || 0,
                unfolded: Object.keys(this.state.unfolded),
            }),
        });
        onWillStart(async () => {
            const { choices, ...options } = await this.orm.call(
                "debt.aged.balance",
                "get_options",
                [this.state.options]
            );
            this.state.choices = choices;
            this.state.options = options;
            this.state.limitsText = options.limits.join(", ");
            await this.reload();
            const wanted = new Set(this.savedUnfolded);
            await Promise.all(
                this.state.rows
                    .filter((row) => wanted.has(this.key(row)))
                    .map((row) => this.unfold(row))
            );
        });
        onMounted(() => {
            this.measure();
            window.addEventListener("resize", this.measure);
            this.scroller.el.scrollTop = this.savedScroll;
            if (!this.env.isSmall) {
                this.scroller.el.focus({ preventScroll: true });
            }
        });
        onWillUnmount(() => window.removeEventListener("resize", this.measure));
    }

    // === DATA ===

    async reload() {
        this.state.loading = true;
        this.state.checks = null;
        try {
            const matrix = await this.keepLast.add(
                this.orm.call("debt.aged.balance", "get_matrix", [this.state.options])
            );
            Object.assign(this.state, {
                options: matrix.options,
                columns: matrix.columns,
                // Never changed one by one: twenty thousand of them are not watched.
                rows: markRaw(matrix.rows),
                totals: matrix.totals,
                officers: matrix.officers,
                leftOut: matrix.left_out,
                unfolded: markRaw({}),
                focus: 0,
                limitsText: matrix.options.limits.join(", "),
            });
        } finally {
            this.state.loading = false;
        }
        this.checkLedger();
    }

    async checkLedger() {
        const options = this.state.options;
        const checks = await this.orm.silent.call("debt.aged.balance", "get_ledger_check", [
            options,
        ]);
        if (options === this.state.options) {
            this.state.checks = checks;
        }
    }

    key(row) {
        return `${row[0] || 0}-${row[2]}`;
    }

    async unfold(row) {
        const items = await this.orm.call("debt.aged.balance", "get_details", [
            this.state.options,
            row[0],
            row[2],
        ]);
        this.setUnfolded({ ...this.state.unfolded, [this.key(row)]: items });
    }

    fold(row) {
        const { [this.key(row)]: _gone, ...others } = this.state.unfolded;
        this.setUnfolded(others);
    }

    setUnfolded(unfolded) {
        this.state.unfolded = markRaw(unfolded);
    }

    async toggle(row) {
        if (this.state.unfolded[this.key(row)]) {
            this.fold(row);
        } else {
            await this.unfold(row);
        }
    }

    // === VIRTUAL LIST ===

    /** Everything that can be scrolled to, folded or not: debtors and their unfolded items. */
    get entries() {
        const { rows, unfolded } = this.state;
        if (this.listed?.rows !== rows || this.listed.unfolded !== unfolded) {
            const entries = [];
            for (const row of rows) {
                entries.push({ row });
                for (const item of unfolded[this.key(row)] || []) {
                    entries.push({ row, item });
                }
            }
            this.listed = { rows, unfolded, entries };
        }
        return this.listed.entries;
    }

    get view() {
        const entries = this.entries;
        const first = Math.max(0, Math.floor(this.state.scrollTop / ROW_HEIGHT) - OVERSCAN);
        const last = Math.min(
            entries.length,
            Math.ceil((this.state.scrollTop + this.state.height) / ROW_HEIGHT) + OVERSCAN
        );
        return {
            before: first * ROW_HEIGHT,
            after: (entries.length - last) * ROW_HEIGHT,
            entries: entries
                .slice(first, last)
                .map((entry, place) => ({ ...entry, place: first + place })),
        };
    }

    onScroll() {
        this.state.scrollTop = this.scroller.el.scrollTop;
    }

    // === WORDS AND NUMBERS ===

    get withoutPartner() {
        return _t("Without partner");
    }

    get entryLabel() {
        return _t("Entry");
    }

    get currencies() {
        return Object.keys(this.state.totals).map(Number);
    }

    get comparing() {
        return Boolean(this.state.options.compare_date);
    }

    get headers() {
        const headers = this.state.columns.map((label, place) => ({ key: `b${place}`, label }));
        headers.push({ key: "total", label: _t("Total") });
        if (this.comparing) {
            headers.push({ key: "compare", label: _t("Before") }, { key: "change", label: _t("Change") });
        }
        return headers;
    }

    /** Amounts of a row in the order of the headers. */
    amounts(values) {
        const compare = values[values.length - 1];
        const shown = values.slice(0, -1);
        if (this.comparing) {
            shown.push(compare, shown[shown.length - 1] - compare);
        }
        return shown;
    }

    rowAmounts(row) {
        return this.amounts(row.slice(5));
    }

    money(amount, currencyId) {
        const digits = getCurrency(currencyId)?.digits;
        const least = digits ? 0.5 / 10 ** digits[1] : 0.005;
        return Math.abs(amount) < least ? "" : formatCurrency(amount, currencyId, { noSymbol: true });
    }

    total(amount, currencyId) {
        return formatCurrency(amount, currencyId, { noSymbol: true });
    }

    currencyName(currencyId) {
        return getCurrency(currencyId)?.name || getCurrency(currencyId)?.symbol || "";
    }

    share(amount, currencyId) {
        const values = this.state.totals[currencyId];
        const total = values[values.length - 2];
        return total ? `${((100 * amount) / total).toFixed(1)} %` : "";
    }

    day(text) {
        return luxon.DateTime.fromISO(text).toLocaleString(luxon.DateTime.DATE_SHORT);
    }

    /** Whether the day, or the one it is compared with, is over. */
    get isPast() {
        const today = luxon.DateTime.now().toISODate();
        const { date, compare_date } = this.state.options;
        return date < today || Boolean(compare_date && compare_date < today);
    }

    /** Due date, age, what stands against an item, its level; and its company among several. */
    describe(item) {
        const words = [_t("due %s", this.day(item.due))];
        if (item.days > 0) {
            words.push(_t("%s days", item.days));
        }
        words.push(item.marks, item.level);
        if (this.state.options.company_ids.length > 1) {
            words.push(item.company);
        }
        return words.filter(Boolean).join(", ");
    }

    get failedChecks() {
        return (this.state.checks || []).filter((check) => check.difference !== 0);
    }

    get pickers() {
        const choices = this.state.choices;
        const pickers = [
            { name: "officer_ids", label: _t("Officer"), choices: choices.officers },
            { name: "team_ids", label: _t("Team"), choices: choices.teams },
            { name: "segment_ids", label: _t("Segment"), choices: choices.segments },
            { name: "country_ids", label: _t("Country"), choices: choices.countries },
            { name: "account_ids", label: _t("Account"), choices: choices.accounts },
            { name: "marks", label: _t("Marked"), choices: choices.marks },
        ];
        if (choices.companies.length > 1) {
            pickers.unshift({
                name: "company_ids",
                label: _t("Company"),
                choices: choices.companies,
            });
        }
        return pickers.filter((picker) => picker.choices.length);
    }

    get filterCount() {
        const options = this.state.options;
        return (
            this.pickers.filter((p) => p.name !== "company_ids" && options[p.name].length).length +
            (options.only_overdue ? 1 : 0)
        );
    }

    // === OPTIONS ===

    set(values) {
        this.state.options = { ...this.state.options, ...values };
        return this.reload();
    }

    onDate(name, ev) {
        if (ev.target.value || name === "compare_date") {
            this.set({ [name]: ev.target.value || false });
        }
    }

    onLimits(ev) {
        const limits = ev.target.value.split(/[\s,;]+/).filter(Boolean);
        this.state.limitsText = ev.target.value;
        this.set({ limits }).catch((error) => {
            this.state.options = { ...this.state.options, limits: [30, 60, 90, 120] };
            throw error;
        });
    }

    onSearch(ev) {
        this.state.options = { ...this.state.options, search: ev.target.value };
        this.reloadSoon();
    }

    onSort(key) {
        const { sort, descending } = this.state.options;
        this.set({ sort: key, descending: sort === key ? !descending : key !== "name" });
    }

    onPick(name, value) {
        const picked = this.state.options[name];
        const values = picked.includes(value)
            ? picked.filter((one) => one !== value)
            : [...picked, value];
        if (name === "company_ids" && !values.length) {
            return;
        }
        this.set({ [name]: values });
    }

    clearFilters() {
        const cleared = { only_overdue: false, search: "" };
        for (const picker of this.pickers) {
            if (picker.name !== "company_ids") {
                cleared[picker.name] = [];
            }
        }
        this.set(cleared);
    }

    // === KEYBOARD ===

    onKeydown(ev) {
        const entries = this.entries;
        const page = Math.max(1, Math.floor(this.state.height / ROW_HEIGHT) - 3);
        const moves = {
            ArrowDown: 1,
            ArrowUp: -1,
            PageDown: page,
            PageUp: -page,
            Home: -entries.length,
            End: entries.length,
        };
        const entry = entries[this.state.focus];
        if (ev.key in moves) {
            const focus = this.state.focus + moves[ev.key];
            this.state.focus = Math.min(Math.max(focus, 0), Math.max(entries.length - 1, 0));
            this.scrollToFocus();
        } else if (entry && ev.key === "Enter") {
            entry.item ? this.openDocument(entry.item) : this.toggle(entry.row);
        } else if (entry && ev.key === "ArrowRight" && !entry.item) {
            this.state.unfolded[this.key(entry.row)] || this.unfold(entry.row);
        } else if (entry && ev.key === "ArrowLeft") {
            this.fold(entry.row);
            this.state.focus = this.entries.findIndex((one) => one.row === entry.row);
        } else if (entry && ev.key.toLowerCase() === "c" && !ev.ctrlKey && !ev.metaKey && !ev.altKey) {
            this.openCase(entry.row);
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    scrollToFocus() {
        const el = this.scroller.el;
        const top = this.state.focus * ROW_HEIGHT;
        const pinned = ROW_HEIGHT * (1 + this.currencies.length);
        if (top < el.scrollTop) {
            el.scrollTop = top;
        } else if (top + ROW_HEIGHT > el.scrollTop + el.clientHeight - pinned) {
            el.scrollTop = top + ROW_HEIGHT - el.clientHeight + pinned;
        }
    }

    // === ELSEWHERE ===

    openDocument(item) {
        this.openRecord("account.move", item.move_id);
    }

    openCase(row) {
        if (row[3]) {
            this.openRecord("debt.case", row[3]);
        }
    }

    openDebtor(row) {
        if (row[0]) {
            this.openRecord("res.partner", row[0]);
        }
    }

    openRecord(model, id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openItems(viewType) {
        const options = this.state.options;
        const order = [viewType, ...["pivot", "list", "graph"].filter((one) => one !== viewType)];
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Open items on %s", this.day(options.date)),
            res_model: "debt.open.item",
            views: order.map((type) => [false, type]),
            domain: this.itemsDomain(options),
            context: {
                debt_date: options.date,
                debt_basis: options.basis,
                debt_limits: options.limits,
                allowed_company_ids: options.company_ids,
            },
        });
    }

    itemsDomain(options) {
        const domain = [["company_id", "in", options.company_ids]];
        const fields = {
            team_ids: "team_id",
            segment_ids: "segment_id",
            country_ids: "country_id",
            account_ids: "account_id",
        };
        for (const [name, field] of Object.entries(fields)) {
            if (options[name].length) {
                domain.push([field, "in", options[name]]);
            }
        }
        if (options.officer_ids.length) {
            domain.push(["user_id", "in", options.officer_ids.map((id) => id || false)]);
        }
        if (options.marks.length) {
            domain.push(["marks", "in", options.marks]);
        }
        if (options.only_overdue) {
            domain.push(["due", "<", options.date]);
        }
        if (options.search) {
            domain.push(
                "|",
                ["partner_id.complete_name", "ilike", options.search],
                ["partner_id.ref", "ilike", options.search]
            );
        }
        return domain;
    }

    /** A file of what is on the screen: the rows that are unfolded have their items there too. */
    download(form, details = "screen") {
        const unfolded = this.state.rows
            .filter((row) => this.state.unfolded[this.key(row)])
            .map((row) => [row[0] || 0, row[2]]);
        return download({
            url: `/debt_collection/aged_balance/${form}`,
            data: { options: JSON.stringify({ ...this.state.options, unfolded }), details },
        });
    }
}

registry.category("actions").add("debt_aged_balance", AgedBalance);
