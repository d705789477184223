const apiVersion = /(?:^|[\s{,"'?-])apiVersion["']?\s*:/;
const kind = /(?:^|[\s{,"'?-])kind["']?\s*:/;
/** What only Helm fills in (Helm, "Built-in Objects"). Alerts and workflows have values between such braces that are theirs. */
const chart = /\{\{[^{}\n]*(?:\.(?:Values|Release|Chart|Capabilities)\b|\binclude\s+")/;

/** Whether a text has the two names that every object of Kubernetes has, where names stand. */
export function looksLikeManifest(text: string): boolean {
  return apiVersion.test(text) && kind.test(text);
}

/** Whether a text is worth parsing; most files are not. Names that are written with escapes may be any. */
export function mayBeManifest(text: string): boolean {
  return looksLikeManifest(text) || /\\[uxU]/.test(text);
}

/** Whether a text is a template of a chart, also where it is YAML as it stands. */
export function isTemplate(text: string): boolean {
  return chart.test(text);
}
