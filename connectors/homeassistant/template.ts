// Value templates of Home Assistant's MQTT discovery, those that name a member. A template is a program in Jinja; one that does
// more is not run, and said.

/** Filters that change the form of a value and not what it is. */
const FILTERS =
  /\s*\|\s*(?:default\([^()]*\)|(?:float|int)(?:\([^()]*\))?|bool|string|tojson|trim|is_defined)(?![\w(])/g;

/**
 * The member that a template names: a dotted path, or '' where the whole payload is the value.
 *
 * @returns undefined where it is more than the name of a member
 * @example memberOfTemplate("{{ value_json['ENERGY'].Power | float }}") // 'ENERGY.Power'
 */
export function memberOfTemplate(template: string): string | undefined {
  if (template.length > 500) return undefined;
  const inside = /^\s*\{\{-?([\s\S]*?)-?\}\}\s*$/.exec(template)?.[1]?.replace(FILTERS, '').trim();
  if (inside === undefined) return undefined;
  if (inside === 'value') return '';
  const rest = /^value_json(.*)$/s.exec(inside)?.[1];
  if (rest === undefined) return undefined;
  const steps: string[] = [];
  const step = /\.([A-Za-z_]\w*)|\[\s*(?:'([^'\\]+)'|"([^"\\]+)"|(\d+))\s*\]/y;
  while (step.lastIndex < rest.length) {
    const found = step.exec(rest);
    if (found === null) return undefined;
    steps.push((found[1] ?? found[2] ?? found[3] ?? found[4]) as string);
  }
  return steps.length === 0 ? undefined : steps.join('.');
}
