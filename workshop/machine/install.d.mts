/** What to install, or to use instead, on a platform as process.platform names it: lines, the first to follow "next: ". */
export function install(platform: string): string;
