/** A text as a template that gives it. */
export function literal(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
