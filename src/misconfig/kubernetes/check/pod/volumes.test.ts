import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { criticalPath, hostPath, runtimeSocket, volumeTypes } from './volumes.ts';

const mounted = (path: string): string => `volumes:\n  - name: v\n    hostPath: {path: ${path}}`;

testCheck(runtimeSocket, 'pod', [
  ['no volumes', 'containers: []'],
  ['another path', mounted('/var/log')],
  ['Docker', mounted('/var/run/docker.sock'), '7'],
  ['Docker by its other path', mounted('/run//docker.sock/'), '7'],
  ['containerd', mounted('/run/containerd/containerd.sock'), '7'],
  ['CRI-O', mounted('/var/run/crio/crio.sock'), '7'],
  ['another type of volume', 'volumes: [{name: v, emptyDir: {path: /var/run/docker.sock}}]'],
]);
testCheck(hostPath, 'pod', [
  ['another type of volume', 'volumes: [{name: v, emptyDir: {}}]'],
  ['null', 'volumes: [{name: v, hostPath: null}]'],
  ['a path', mounted('/var/log'), '7'],
  ['no path', 'volumes:\n  - hostPath: {}', '6'],
  ['volumes that are none', 'volumes: {hostPath: {path: /}}'],
]);
testCheck(criticalPath, 'pod', [
  ['another path', mounted('/var/log')],
  ['a path below', mounted('/etc/ssl')],
  ['everything', mounted('/'), '7'],
  ['everything in other words', mounted('"/./"'), '7'],
  ['settings of the system', mounted('/etc/'), '7'],
  ['Docker', mounted('/var/lib/docker'), '7'],
  ['nothing', mounted('""')],
]);
testCheck(volumeTypes, 'pod', [
  [
    'core types',
    'volumes: [{emptyDir: {}}, {configMap: {}}, {secret: {}}, {projected: {}}, {downwardAPI: {}}, {persistentVolumeClaim: {}}, {csi: {}}, {ephemeral: {}}]',
  ],
  ['a path of the node, which has checks of its own', mounted('/x')],
  ['NFS', 'volumes:\n  - name: v\n    nfs:\n      server: s\n      path: /', '7-9'],
  ['two', 'volumes:\n  - gitRepo: {}\n  - cephfs: {}', '6', '7'],
  ['null', 'volumes: [{nfs: null}]'],
]);
