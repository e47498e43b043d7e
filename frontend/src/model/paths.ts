/** Page addresses: patterns such as '/d/:slug/faces/:id' and what they match. */

export type PathParams = Readonly<Record<string, string>>;

/** The parameters if the path fits the pattern (a trailing slash is ignored), else null. */
export function matchPath(pattern: string, path: string): PathParams | null {
  const wanted = pattern.split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? '';
    if (part.startsWith(':')) {
      try {
        params[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null; // not valid percent-encoding: no page has this address
      }
    } else if (part !== value) return null;
  }
  return params;
}

/** The address of a pattern with its parameters filled in. Throws if one is absent. */
export function fillPath(pattern: string, params: Record<string, string | number>): string {
  return pattern.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`The address ${pattern} needs "${name}".`);
    return encodeURIComponent(String(value));
  });
}
