import { advisoryFeed } from '../../first-scan/advisory-feed.ts';
import { writeFolder } from '../../first-scan/write-folder.ts';
import { buildArguments } from '../images.ts';
import type { Stage } from '../stage.ts';

/** Builds the flawed application and looks into it. */
export async function showBuild(stage: Stage, version: string): Promise<void> {
  stage.title('Build an image of files, without a daemon, and scan it');
  await writeFolder(stage.path('osv'), await advisoryFeed());
  const image = stage.path(`image-${version}`);
  await stage.type([...buildArguments(stage, 'app', version), '-o', `oci-dir:${image}`]);
  await stage.type(['db', 'build', '--from', stage.path('osv')]);
  await stage.type(['image', '--input', image], { lines: 24 });
}
