const apiVersion = /(?:^|[\s{,"'?-])apiVersion["']?\s*:/;
const kind = /(?:^|[\s{,"'?-])kind["']?\s*:/;
/** What only Helm fills in (Helm, "Built-in Objects"). Alerts and workflows have values between such braces that are theirs. */
const chart = /\{\{[^{}\n]*(?:\.(?:Values|Release|Chart|Capabilities)\b|\binclude\s+")/;

/** Whether a text has the two names that every object of Kubernetes has, where names stand. */
export function looksLikeManifest(text: string): boolean {
  return apiVersion.test(text) && kind.test(text);
}

/** A name that is written with escapes, and may be any. */
const escapedName = /"\w{0,10}\\[uxU][\w\\]{0,100}"\s*:/;

/** Whether a text is worth parsing; most files are not. */
export function mayBeManifest(text: string): boolean {
  return looksLikeManifest(text) || escapedName.test(text);
}

/** Whether a text is a template of a chart, also where it is YAML as it stands. */
export function isTemplate(text: string): boolean {
  return chart.test(text);
}
