import { registry } from "@web/core/registry";
import {
    BadgeSelectionField,
    badgeSelectionField,
} from "@web/views/fields/badge_selection/badge_selection_field";

/** Badges of a selection without those that nobody chooses by hand. */
export class DebtBadgeSelectionField extends BadgeSelectionField {
    static props = {
        ...BadgeSelectionField.props,
        hidden: { type: Array, optional: true },
    };

    get options() {
        const hidden = this.props.hidden || [];
        return super.options.filter(
            ([key]) => key === this.props.record.data[this.props.name] || !hidden.includes(key)
        );
    }
}

registry.category("fields").add("debt_badge_selection", {
    ...badgeSelectionField,
    component: DebtBadgeSelectionField,
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...badgeSelectionField.extractProps(fieldInfo, dynamicInfo),
        hidden: fieldInfo.options.hidden,
    }),
});
