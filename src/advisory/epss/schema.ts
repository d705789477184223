/**
 * One line of the scores: `CVE-1999-0001,0.00383,0.73075` (https://www.first.org/epss/data_stats). A quarter of a million
 * such lines make an expression the right validator.
 */
export const epssLine: RegExp =
  /^(CVE-\d{4}-\d{4,19}),(0(?:\.\d{1,20})?|1(?:\.0{1,20})?),(0(?:\.\d{1,20})?|1(?:\.0{1,20})?)$/;

/** The first line: `#model_version:v2023.03.01,score_date:2025-02-20T00:00:00+0000`. */
export const epssHead: RegExp = /^#.{0,200}?\bscore_date:(\d{4}-\d{2}-\d{2})/;

/** The line with the columns' names. */
export const epssColumns = 'cve,epss,percentile';
