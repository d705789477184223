import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { latestTag, trustedRegistry } from './image.ts';

const digest = `sha256:${'a'.repeat(64)}`;

testCheck(latestTag, 'container', [
  ['a version', 'image: nginx:1.27'],
  ['a digest', `image: nginx@${digest}`],
  ['a digest beside latest', `image: nginx:latest@${digest}`],
  ['latest', 'image: nginx:latest', '7'],
  ['no tag', 'image: nginx', '7'],
  ['a port and no tag', 'image: registry.example:5000/nginx', '7'],
  ['a port and a tag', 'image: registry.example:5000/nginx:1'],
  ['a tag that begins with latest', 'image: nginx:latest-alpine'],
  ['an empty tag', 'image: "nginx:"', '7'],
  ['no image', 'name2: x'],
  ['a number', 'image: 3'],
  ['a list', 'image: [nginx]'],
]);
testCheck(trustedRegistry, 'container', [
  ['Azure', 'image: team.azurecr.io/a:1'],
  ['Amazon', 'image: 123.dkr.ecr.eu-central-1.amazonaws.com/a:1'],
  ['Amazon in China', 'image: 123.dkr.ecr.cn-north-1.amazonaws.com.cn/a:1'],
  ['Google', 'image: eu.gcr.io/p/a:1'],
  ['Docker Hub', 'image: nginx:1', '7'],
  ['GitHub', 'image: ghcr.io/a/b:1', '7'],
  ['a registry whose name ends like one', 'image: evilgcr.io/p/a:1', '7'],
  ['a registry whose name begins like one', 'image: gcr.io.evil.example/p/a:1', '7'],
  ['a name that is one without a registry', 'image: gcr.io', '7'],
  ['no image', 'env: []'],
]);
