// Amounts as people write them in a configuration: stretches of time, dates, percentages. Null for what is none.

const units: Record<string, number> = {
  ...{ s: 1, sec: 1, second: 1, seconds: 1 },
  ...{ min: 60, minute: 60, minutes: 60 },
  ...{ h: 3600, hour: 3600, hours: 3600 },
  ...{ d: 86_400, day: 86_400, days: 86_400 },
  ...{ week: 604_800, weeks: 604_800 },
};

/** '10 min', '1 day 12 h', '0' → seconds. */
export function parseDuration(text: string): number | null {
  if (text.trim() === '0') return 0;
  if (!/^\s*(\d+(\.\d+)?\s*[a-z]+\s*)+$/.test(text)) return null;
  let seconds = 0;
  for (const [, number, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const size = Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (size === undefined) return null;
    seconds += Number(number) * size;
  }
  return Math.round(seconds);
}

/** A moment that means the same on every machine: '2026-11-30T23:59:00+01:00', '2026-11-30T23:59Z'. RFC 3339, section 5.6 */
export function isMoment(text: string): boolean {
  const [, year, month, day] =
    /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  return Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
}

/** '10', '12.5 %' → 10, 12.5 */
export function parsePercent(text: string): number | null {
  const [, number] = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim()) ?? [];
  return number !== undefined && Number(number) <= 100 ? Number(number) : null;
}
