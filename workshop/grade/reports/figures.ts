// Numbers, dates and stretches of time in words. Without the machine's language or time zone: the same input, the same bytes.

/** At most two decimals, and none that say nothing: 72.5, 80. */
export const figure = (number: number) => String(Number(number.toFixed(2)));

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** The two largest units: '2 days 3 hours', '40 seconds'. */
export function duration(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const words: string[] = [];
  for (const [name, size] of units) {
    const number = Math.floor(rest / size);
    rest -= number * size;
    if (number > 0) words.push(`${number} ${name}${number === 1 ? '' : 's'}`);
    else if (words.length > 0) break;
  }
  return words.slice(0, 2).join(' ') || '0 seconds';
}

const months = 'January February March April May June July August September October November December'.split(' ');

/** '20 November 2026, 23:59 (UTC+01:00)': by the clock of its own offset, or by that of `like`. A text that is no date stays. */
export function moment(iso: string, like = iso): string {
  const [, sign = '+', hours = '0', minutes = '0'] = /([+-])(\d\d):?(\d\d)$/.exec(like) ?? [];
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  const at = new Date(Date.parse(iso) + offset * 60_000);
  if (Number.isNaN(at.getTime())) return iso;
  const two = (number: number) => String(number).padStart(2, '0');
  const zone = offset === 0 ? 'UTC' : `UTC${sign}${two(Number(hours))}:${two(Number(minutes))}`;
  const day = `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  return `${day}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} (${zone})`;
}
