/** Names of the formats that are checked, as `--misconfig-scanners` takes them. */
export const configFormatNames = ['dockerfile', 'kubernetes'] as const;

/** Names a format. */
export type ConfigFormatName = (typeof configFormatNames)[number];
