import type { ClusterChanges, ClusterReport, Flaw, FlawChange, ReportedImage } from './model.ts';
import type { EarlierImage, EarlierReport } from './schema.ts';
import { flawKey, flawsOf, unknownOf } from './workload-rows.ts';

/** An image of either report. */
interface Side {
  readonly name: string;
  readonly digest: string | undefined;
  readonly flaws: ReadonlyMap<string, Flaw>;
  /** Whether all of it was looked at. */
  readonly isKnown: boolean;
}

/**
 * Says what is otherwise than in an earlier report, by digest and by flaw. Of an image that either report could not look at, nothing is
 * said but that: what is missing there is neither new nor gone. Where the reports are not about the same, that is noted.
 */
export function compareReports(
  earlierReport: EarlierReport,
  { inventory: { cluster }, images, part }: Pick<ClusterReport, 'inventory' | 'images' | 'part'>,
): ClusterChanges {
  const { CreatedAt: since, Images, Part = [] } = earlierReport.Seaworthy;
  const before = byIdentity(Images.map(earlierSide));
  const now = byIdentity(images.map(sideOf));
  const appeared: string[] = [];
  const gone: string[] = [];
  const unknown: string[] = [];
  const found: FlawChange[] = [];
  const ended: FlawChange[] = [];
  for (const [key, side] of now) {
    const earlier = before.get(key);
    if (earlier === undefined) appeared.push(titleOf(side));
    if (!side.isKnown || earlier?.isKnown === false) unknown.push(titleOf(side));
    else {
      found.push(...onlyIn(side, earlier));
      if (earlier !== undefined) ended.push(...onlyIn(earlier, side));
    }
  }
  for (const [key, earlier] of before) {
    if (now.has(key)) continue;
    gone.push(titleOf(earlier));
    if (earlier.isKnown) ended.push(...earlier.flaws.values().map((flaw) => changeOf(earlier, flaw)));
  }
  const notes = [...clusterNote(earlierReport.ClusterName, cluster), ...partNote(Part, part)];
  return { since, notes, appeared, gone, found, ended, unknown };
}

function clusterNote(before: string, now: string): readonly string[] {
  return before === now ? [] : [`the earlier report is of the cluster ${before}, and this one of ${now}`];
}

/** What only one of two looked at is no change. */
function partNote(before: readonly string[], now: readonly string[]): readonly string[] {
  if (before.length === now.length && before.every((flag) => now.includes(flag))) return [];
  const said = (flags: readonly string[]): string => (flags.length === 0 ? 'of everything' : `with ${flags.join(' ')}`);
  return [
    `the earlier report was made ${said(before)}, and this one ${said(now)}; what only one looked at seems changed`,
  ];
}

function sideOf(image: ReportedImage): Side {
  const { name, digest, state } = image;
  return {
    name,
    digest,
    flaws: new Map(flawsOf(image).map((flaw) => [flawKey(flaw), flaw])),
    isKnown: state === 'scanned' && unknownOf(image).length === 0,
  };
}

function earlierSide({ Name, Digest, State, Platforms }: EarlierImage): Side {
  const isWhole = Platforms.every(
    ({ Flaws, Problems = [] }) => Flaws !== undefined && Problems.every(({ Incomplete }) => Incomplete !== true),
  );
  const flaws = Platforms.flatMap(({ Flaws = [] }) =>
    Flaws.map(({ ID, Package, Version, Fixed = '', Severity }): Flaw => ({
      id: ID,
      package: Package,
      version: Version,
      fixed: Fixed,
      severity: Severity,
    })),
  );
  return {
    name: Name,
    digest: Digest,
    flaws: new Map(flaws.map((flaw) => [flawKey(flaw), flaw])),
    isKnown: State === 'scanned' && isWhole,
  };
}

/** Two names of one digest are one image. */
function byIdentity(sides: readonly Side[]): ReadonlyMap<string, Side> {
  const found = new Map<string, Side>();
  for (const side of sides) {
    const key = side.digest ?? ` ${side.name}`;
    if (!found.has(key)) found.set(key, side);
  }
  return found;
}

function onlyIn(side: Side, other: Side | undefined): readonly FlawChange[] {
  return [...side.flaws].flatMap(([key, flaw]) => (other?.flaws.has(key) === true ? [] : [changeOf(side, flaw)]));
}

function changeOf({ name, digest }: Side, flaw: Flaw): FlawChange {
  return {
    ...flaw,
    image: name,
    ...(digest === undefined ? {} : { digest: digest as NonNullable<FlawChange['digest']> }),
  };
}

function titleOf({ name, digest }: Side): string {
  return digest === undefined ? name : `${name}@${digest}`;
}
