/**
 * Returns the value of a header whose equal values were joined with commas. Some proxies send a header twice. Different
 * values stay joined, and then no check accepts them.
 */
export function singleOf(value: string): string {
  const [first = '', ...others] = value.split(',').map((element) => element.trim());
  return others.length > 0 && others.every((other) => other === first) ? first : value;
}
