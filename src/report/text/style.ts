import { styleText } from 'node:util';
import type { Severity } from '../../finding/severity.ts';

/** What a piece of text is, for its looks. */
export type Style = 'heading' | 'faint' | 'warning' | 'good' | Severity;

/** Gives a text its looks, or leaves it alone where colour is off. */
export type Paint = (style: Style, text: string) => string;

const formats: Readonly<Record<Style, Parameters<typeof styleText>[0]>> = {
  heading: 'bold',
  faint: 'dim',
  warning: 'yellow',
  good: 'green',
  CRITICAL: ['bold', 'red'],
  HIGH: 'red',
  MEDIUM: 'yellow',
  LOW: 'blue',
  UNKNOWN: 'cyan',
};

/** @param colour whether to write SGR sequences (ECMA-48 §8.3.117) at all */
export function paintWith(colour: boolean): Paint {
  // The caller has decided; Node's own look at the environment and the stream must not overrule it.
  if (colour) return (style, text) => (text === '' ? '' : styleText(formats[style], text, { validateStream: false }));
  return (_, text) => text;
}
