import { isIP } from 'node:net';

/** One hop of a request, as the proxy tells it that took the request from there. */
export interface Hop {
  /** Where the request came from: an IP address; undefined where the proxy does not say or hides it. */
  readonly address: string | undefined;
  /** How it came. */
  readonly scheme: 'http' | 'https' | undefined;
}

/** A header in which proxies tell where requests come from. */
export type ForwardingHeader = 'x-forwarded-for' | 'forwarded';

/** Hops that are looked at: requests go through one or two proxies, and what lies behind many is for no one to believe. */
const most = 16;

const unknown: Hop = { address: undefined, scheme: undefined };

/**
 * The hops of a request, the nearest first. They are read from the end: what stands further left was there before the last proxy wrote
 * its own, may be anything, and must not change how the end is read.
 */
export function* hopsOf(
  header: ForwardingHeader,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Generator<Hop, void, undefined> {
  const text = textOf(headers[header]);
  if (text === undefined) return;
  if (header === 'forwarded') yield* forwardedHops(text);
  else yield* listedHops(text, schemeOf(lastOf(textOf(headers['x-forwarded-proto']) ?? '')));
}

function* listedHops(text: string, scheme: Hop['scheme']): Generator<Hop, void, undefined> {
  let end = text.length;
  for (let hops = 0; end >= 0 && hops < most; hops += 1) {
    const comma = end === 0 ? -1 : text.lastIndexOf(',', end - 1);
    // Only the nearest proxy is known to have written how it was asked.
    yield { address: parseNode(text.slice(comma + 1, end).trim()), scheme: hops === 0 ? scheme : undefined };
    end = comma;
  }
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(',') : value;
}

function lastOf(list: string): string {
  return list.slice(list.lastIndexOf(',') + 1).trim();
}

const token = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`;
const pair = String.raw`${token}=(?:${token}|"(?:[^"\\]|\\.)*")`;
/** `forwarded-element` (RFC 7239, 4), where each pair may be left out. */
const element = new RegExp(String.raw`^[ \t]*(?:${pair})?(?:;[ \t]*(?:${pair})?)*[ \t]*$`);
const eachPair = new RegExp(pair, 'g');

/** Commas may stand in quoted texts, too: an element is the shortest text behind a comma that is one whole. */
function* forwardedHops(text: string): Generator<Hop, void, undefined> {
  let end = text.length;
  for (let hops = 0; end >= 0 && hops < most; hops += 1) {
    let comma = end;
    let found: string | undefined;
    for (let tries = 0; found === undefined && comma >= 0 && tries < most; tries += 1) {
      comma = comma === 0 ? -1 : text.lastIndexOf(',', comma - 1);
      const tail = text.slice(comma + 1, end);
      if (tail.length <= maxElement && element.test(tail)) found = tail;
    }
    yield found === undefined ? unknown : hopOf(found);
    end = found === undefined ? -1 : comma;
  }
}

/** Characters of one element; a name of a host has 253 at most. */
const maxElement = 1024;

function hopOf(text: string): Hop {
  const values = new Map<string, string>();
  for (const [one] of text.matchAll(eachPair)) {
    const at = one.indexOf('=');
    const name = one.slice(0, at).toLowerCase();
    // RFC 7239, 4: each at most once. Which of two is meant is anybody's guess.
    if (values.has(name)) return unknown;
    const value = one.slice(at + 1);
    values.set(name, value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value);
  }
  return { address: parseNode(values.get('for') ?? ''), scheme: schemeOf(values.get('proto') ?? '') };
}

function schemeOf(text: string): Hop['scheme'] {
  const scheme = text.toLowerCase();
  return scheme === 'http' || scheme === 'https' ? scheme : undefined;
}

/** An address with or without a port (RFC 7239, 6); undefined for names, `unknown`, and whatever else is no address. */
function parseNode(text: string): string | undefined {
  const [, bracketed] = /^\[([0-9A-Fa-f:.]{2,45})\](?::\d{1,5})?$/.exec(text) ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? plainAddress(bracketed) : undefined;
  const [, four] = /^(\d[\d.]{6,14}):\d{1,5}$/.exec(text) ?? [];
  const address = four ?? text;
  return address.length <= 45 && isIP(address) !== 0 && !address.includes('%') ? plainAddress(address) : undefined;
}

/** Without what says that an IPv4 address was met by a socket of IPv6 (RFC 4291, 2.5.5.2). */
export function plainAddress(address: string): string {
  const [, four] = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address) ?? [];
  return four ?? address;
}
