// @ts-check
// An oxlint plugin: outside the hosts, time comes from a clock that is passed in (core/base/clock.ts), so that a test
// decides when it passes. Refuses every other way to the runtime's time and timers.

const timers = new Set(["setTimeout", "clearTimeout", "setInterval", "clearInterval"]);
/** @type {Readonly<Record<string, readonly string[]>>} */
const members = { Date: ["now"], performance: ["now", "timeOrigin"], AbortSignal: ["timeout"] };
const globals = new Set(["globalThis", "self", "window"]);

const message = (/** @type {string} */ what) =>
  `${what} is the runtime's own time: take a Clock (core/base/clock.ts), so that a test decides when time passes.`;

/** @typedef {{ type: string, name?: string, value?: unknown }} Name */

/** @param {{ object: Name, property: Name, computed: boolean }} node */
function memberOf({ object, property, computed }) {
  const name = computed ? property.value : property.name;
  return typeof name === "string" ? { of: object.name ?? "", name } : undefined;
}

const clock = {
  /** @param {{ report: (problem: { node: unknown, message: string }) => void }} context */
  create(context) {
    /** @param {unknown} node @param {string} what */
    const refuse = (node, what) => context.report({ node, message: message(what) });
    return {
      /** @param {{ callee: Name }} node */
      CallExpression(node) {
        const { name } = node.callee;
        if (node.callee.type === "Identifier" && name !== undefined && (timers.has(name) || name === "Date"))
          refuse(node, name);
      },
      /** @param {{ callee: Name, arguments: readonly unknown[] }} node */
      NewExpression(node) {
        if (node.callee.name === "Date" && node.arguments.length === 0) refuse(node, "new Date()");
      },
      /** @param {{ object: Name, property: Name, computed: boolean }} node */
      MemberExpression(node) {
        const member = memberOf(node);
        if (member === undefined) return;
        const { of, name } = member;
        if (members[of]?.includes(name) || (globals.has(of) && timers.has(name)))
          refuse(node, `${of}.${name}`);
      },
    };
  },
};

export default { meta: { name: "conch-time" }, rules: { clock } };
