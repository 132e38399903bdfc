/** Draws the life of a handle as a line with three marks: issued, now, expires. */
import type { Claims } from '../../handle/index.ts';
import { svg } from '../ui/dom.ts';

/** The smallest distance between "issued" and "expires", as a fraction of the line. Closer labels would overlap. */
const APART = 0.26;

/** Returns the positions of the three marks on the line, from 0 to 1, and whether they are to scale. */
export function placesOf({ iat, exp }: Pick<Claims, 'iat' | 'exp'>, now: number) {
  const [start, end] = [Math.min(iat, now), Math.max(exp, now)];
  const at = (moment: number) => (moment - start) / (end - start);
  const true_ = { issued: at(iat), now: at(now), expires: at(exp) };
  // During the handle's life, "issued" and "expires" are the ends of the line. Before and after the life, "now" is an
  // end, and these two marks must be APART.
  const issued = now < iat ? Math.max(true_.issued, APART) : 0;
  const expires = now >= exp ? Math.min(true_.expires, 1 - APART) : 1;
  const spread = { issued: Math.min(issued, 1 - APART), now: true_.now, expires: Math.max(expires, APART) };
  return { ...spread, toScale: spread.issued === true_.issued && spread.expires === true_.expires };
}

/** Draws the line. The drawing is hidden from screen readers, because the page also gives the three times as text. */
export function timeline(claims: Pick<Claims, 'iat' | 'exp'>, now: number): SVGSVGElement {
  const places = placesOf(claims, now);
  const x = (place: number) => `${(2 + place * 96).toFixed(2)}%`;
  const line = (from: number, to: number, kind: string) => svg('line', { class: kind, x1: x(from), x2: x(to), y1: 34, y2: 34 });
  const tick = (place: number, kind: string, y1: number, y2: number) => svg('line', { class: kind, x1: x(place), x2: x(place), y1, y2 });
  const word = (place: number, y: number, text: string) =>
    svg('text', { x: x(place), y, 'text-anchor': place < 0.2 ? 'start' : place > 0.8 ? 'end' : 'middle' }, text);
  const within = Math.min(Math.max(places.now, places.issued), places.expires);
  return svg(
    'svg',
    { class: 'timeline', 'aria-hidden': 'true', focusable: 'false' },
    line(places.issued, places.expires, 'life'),
    line(places.issued, within, 'past'),
    places.now > places.expires && line(places.expires, places.now, 'beyond'),
    places.now < places.issued && line(places.now, places.issued, 'beyond'),
    tick(places.issued, 'tick', 26, 42),
    tick(places.expires, 'tick', 26, 42),
    tick(places.now, 'now', 24, 52),
    word(places.issued, 18, 'issued'),
    word(places.expires, 18, places.now > places.expires ? 'expired' : 'expires'),
    word(places.now, 67, places.toScale ? 'now' : 'now (not to scale)'),
  );
}
