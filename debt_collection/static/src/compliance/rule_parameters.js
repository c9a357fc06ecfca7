import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const split = (text) =>
    text
        .split(",")
        .map((word) => word.trim())
        .filter(Boolean);

/** The parameters of a compliance rule in fields of their types, as the server describes them. */
export class DebtRuleParameters extends Component {
    static template = "debt_collection.RuleParameters";
    static props = { ...standardFieldProps };

    get values() {
        return this.props.record.data[this.props.name] || {};
    }

    get parameters() {
        return this.props.record.data.parameter_schema || [];
    }

    /** What an input shows for a value. */
    show(parameter, value) {
        const known = value === undefined || value === null ? parameter.default : value;
        if (parameter.kind === "words") {
            return (known || []).join(", ");
        }
        if (parameter.kind === "hours") {
            return Object.entries(known || {})
                .map(([days, hours]) => `${days} ${hours.join(", ")}`)
                .join("\n");
        }
        return known === null || known === undefined ? "" : known;
    }

    /** The value of what was typed in. */
    read(parameter, target) {
        const text = target.value;
        switch (parameter.kind) {
            case "boolean":
                return target.checked;
            case "integer":
                return text === "" ? parameter.default : parseInt(text, 10);
            case "words":
                return split(text);
            case "hours":
                return Object.fromEntries(
                    text
                        .split("\n")
                        .map((line) => line.trim())
                        .filter(Boolean)
                        .map((line) => {
                            const [days, ...hours] = line.split(/\s+/);
                            return [days, split(hours.join(" "))];
                        })
                );
            default:
                return text;
        }
    }

    /** Keep a value; one that is the default is left out, so that rules stay short. */
    set(parameter, value) {
        const changed = { ...this.values, [parameter.name]: value };
        const same = JSON.stringify(value) === JSON.stringify(parameter.default);
        if (!parameter.required && (same || value === "" || value === null)) {
            delete changed[parameter.name];
        }
        return this.props.record.update({ [this.props.name]: changed });
    }

    onChange(parameter, ev) {
        return this.set(parameter, this.read(parameter, ev.target));
    }

    rows(parameter) {
        return this.values[parameter.name] || [];
    }

    cell(parameter, row, index) {
        const column = parameter.columns[index];
        return this.show(column, parameter.keyed ? row[column.name] : row[index]);
    }

    onCell(parameter, number, index, ev) {
        const column = parameter.columns[index];
        const value = this.read(column, ev.target);
        const rows = this.rows(parameter).map((row) => (parameter.keyed ? { ...row } : [...row]));
        if (!parameter.keyed) {
            rows[number][index] = value;
        } else if (JSON.stringify(value) === JSON.stringify(column.default)) {
            delete rows[number][column.name];
        } else {
            rows[number][column.name] = value;
        }
        return this.set(parameter, rows);
    }

    addRow(parameter) {
        const row = parameter.keyed ? {} : parameter.columns.map(() => "");
        return this.set(parameter, [...this.rows(parameter), row]);
    }

    removeRow(parameter, number) {
        return this.set(
            parameter,
            this.rows(parameter).filter((_row, index) => index !== number)
        );
    }
}

registry.category("fields").add("debt_rule_parameters", {
    component: DebtRuleParameters,
    supportedTypes: ["json"],
});
