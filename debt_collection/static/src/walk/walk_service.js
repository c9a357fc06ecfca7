import { registry } from "@web/core/registry";

/**
 * The officer's way through a filtered list of cases: remembered when a case is opened from it,
 * so that "Next debtor" keeps the order although priorities change and cases leave the filter.
 */
export const walkService = {
    dependencies: ["orm"],
    start(env, { orm }) {
        let loading = Promise.resolve([]);
        return {
            /**
             * Remember the list that is being worked through.
             * @param {Array} domain of the list, or of the group
             * @param {string} [order] such as "amount_overdue desc"
             * @returns {Promise<number[]>} ids in their order
             */
            begin(domain, order) {
                loading = orm.silent.call("debt.case", "get_walk", [domain], {
                    order: order || null,
                });
                return loading;
            },
            /**
             * The next case that is still to be worked on.
             * @param {number} resId case on screen
             * @returns {Promise<{known: boolean, resId: number|false, resIds: number[]}>} known:
             *     whether the case on screen belongs to a walk
             */
            async next(resId) {
                const resIds = await loading;
                const place = resIds.indexOf(resId);
                if (place < 0) {
                    return { known: false, resId: false, resIds };
                }
                const ahead = resIds.slice(place + 1);
                const nextId =
                    ahead.length &&
                    (await orm.call("debt.case", "get_next_debtor", [ahead]));
                return { known: true, resId: nextId || false, resIds };
            },
        };
    },
};

registry.category("services").add("debt_walk", walkService);
