/** Lines of a text, counted from 1, both included. */
interface Lines {
  readonly start: number;
  readonly end: number;
}

interface Open {
  readonly isArray: boolean;
  /** Names of the path that lead here, or -1 when something else does. */
  readonly matched: number;
  /** What it is called in its parent, when that is where the path ends. */
  readonly member: string | undefined;
  readonly start: number;
  /** The name read last, or how many elements there were before. */
  name: string;
  nameLine: number;
  index: number;
}

/**
 * Says on which lines the objects and arrays stand that are members of one object or elements of one array.
 *
 * @param text JSON that was parsed already; of anything else the answer means nothing
 * @param path names that lead there from the top
 * @returns by name, or by index for elements
 */
export function memberLines(text: string, path: readonly string[]): ReadonlyMap<string, Lines> {
  const found = new Map<string, Lines>();
  const open: Open[] = [];
  let line = 1;
  for (let at = 0; at < text.length; at += 1) {
    const top = open.at(-1);
    switch (text[at]) {
      case '\n':
        line += 1;
        break;
      case '"': {
        const end = endOfString(text, at);
        // A value stands before a comma or a bracket, and the name read last is only asked for before one of those.
        if (top !== undefined && !top.isArray && /^\s*:/.test(text.slice(end + 1, end + 20))) {
          top.name = unquote(text.slice(at, end + 1));
          top.nameLine = line;
        }
        at = end;
        break;
      }
      case ',':
        if (top !== undefined) top.index += 1;
        break;
      case '{':
      case '[': {
        const called = top === undefined ? '' : top.isArray ? String(top.index) : top.name;
        const isMember = top !== undefined && top.matched === path.length;
        const leads = top === undefined || (top.matched >= 0 && !isMember && path[top.matched] === called);
        open.push({
          isArray: text[at] === '[',
          matched: leads ? (top === undefined ? 0 : top.matched + 1) : -1,
          member: isMember ? called : undefined,
          start: top === undefined || top.isArray ? line : top.nameLine,
          name: '',
          nameLine: line,
          index: 0,
        });
        break;
      }
      case '}':
      case ']': {
        const closed = open.pop();
        if (closed?.member !== undefined) found.set(closed.member, { start: closed.start, end: line });
        break;
      }
      default:
    }
  }
  return found;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return '';
  }
}
