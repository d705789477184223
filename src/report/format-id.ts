/** Ids of the report formats, as users write them. */
export const reportFormatIds = ['table', 'json', 'sarif'] as const;

/** Names a report format. */
export type ReportFormatId = (typeof reportFormatIds)[number];
