import { describeContainerd, good, hub, other, reg, v2, v3 } from '../../../../testing/egress/containerd-case.ts';
import { egressLimits } from '../../limits.ts';

describeContainerd("containerd's own configuration", {
  'no [host], for containerd 2': {
    config: v3,
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\n' },
    endpoints: [reg],
  },
  'no folder at all': { files: {}, endpoints: [hub], findings: ['CONFIG_PATH_ABSENT!'] },
  'a list of folders: the first that has one counts, and containerd 2.1 sees none': {
    config: v2.replace('/c', '/a:/c:/d'),
    files: { '_default/hosts.toml': good, '/d/docker.io/hosts.toml': other },
    endpoints: [reg],
    findings: ['CONFIG_PATH_LIST!', 'CONFIG_PATH_ABSENT'],
  },
  'a list of folders without the transfer service': {
    config: v3
      .replace('/c', '/c:/d')
      .replace('.registry]', "]\nuse_local_image_pull = true\n[plugins.'io.containerd.cri.v1.images'.registry]"),
    files: { '_default/hosts.toml': good, '/d/x/hosts.toml': good },
    endpoints: [reg],
  },
  'no config_path': {
    config: 'version = 2\n',
    files: { '_default/hosts.toml': good },
    endpoints: [hub],
    findings: ['CONFIG_PATH_MISSING!'],
  },
  'no main file': {
    config: '',
    files: { '/etc/containerd/certs.d/_default/hosts.toml': good },
    endpoints: [hub],
    findings: ['CONFIG_PATH_MISSING!'],
  },
  'a plugin of version 2 in a file of version 3': {
    config: v2.replace('version = 2', 'version = 3'),
    files: { '_default/hosts.toml': good },
    endpoints: [hub],
    findings: ['PLUGIN_OTHER_VERSION', 'CONFIG_PATH_MISSING!'],
  },
  'a plugin of version 3 in a file of version 2': {
    config: v3.replace('version = 3', 'version = 2'),
    files: { '_default/hosts.toml': good },
    endpoints: [reg],
    findings: ['PLUGIN_OTHER_VERSION!'],
  },
  'both plugins in a file of version 2: the older one counts for both versions of containerd': {
    config: `${v2}${v3.replace('version = 3', '').replace('/c', '/d')}`,
    files: { '_default/hosts.toml': good, '/d/_default/hosts.toml': other },
    endpoints: [reg],
  },
  'version 1, whose plugin has a short name': {
    config: '[plugins.cri.registry]\nconfig_path = "/c"',
    files: { '_default/hosts.toml': good },
    endpoints: [reg],
  },
  'a drop-in that sets the path': {
    config: 'version = 3\nimports = ["conf.d/*.toml"]\n',
    files: { '/etc/containerd/conf.d/10.toml': v3, '_default/hosts.toml': good },
    endpoints: [reg],
  },
  'a drop-in that changes it, the last one counts': {
    config: `version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n${v3.replace('version = 3\n', '')}`,
    files: {
      '/etc/containerd/conf.d/10.toml': v3.replace('/c', '/d'),
      '/etc/containerd/conf.d/20.toml': v3.replace('/c', '/e'),
      '/etc/containerd/conf.d/30.txt': v3.replace('/c', '/f'),
      '_default/hosts.toml': good,
      '/e/_default/hosts.toml': other,
    },
    endpoints: ['s https://other/v2'],
  },
  'a drop-in of an older version is brought to the form of its own': {
    config: v3.replace('3', '3\nimports = ["/x.toml"]'),
    files: { '/x.toml': v2.replace('/c', '/e'), '_default/hosts.toml': good, '/e/_default/hosts.toml': other },
    endpoints: ['s https://other/v2'],
  },
  'a drop-in without a version': {
    config: v3.replace('3', '3\nimports = ["/x.toml"]'),
    files: {
      '/x.toml': '[plugins.cri.registry]\nconfig_path = "/e"\n',
      '_default/hosts.toml': good,
      '/e/_default/hosts.toml': other,
    },
    endpoints: ['s https://other/v2'],
  },
  'names in capitals, which containerd 2 takes': {
    config: v2.replace('config_path', 'Config_Path'),
    files: { '_default/hosts.toml': good },
    endpoints: [hub],
    findings: ['NAME_CAPITALS?', 'CONFIG_PATH_MISSING!'],
  },
  'a drop-in that is not imported': {
    config: 'version = 3\n',
    files: {
      '/etc/containerd/conf.d/10.toml': v3,
      '/etc/containerd/conf.d/20.toml': 'version = 3\n[debug]\nlevel = "info"\n',
      '_default/hosts.toml': good,
    },
    endpoints: [hub],
    findings: ['CONFIG_PATH_MISSING!', 'DROP_IN_UNIMPORTED?'],
  },
  'a drop-in that is not imported and half-written': {
    config: v3,
    files: { '/etc/containerd/conf.d/10.toml': 'version = 3\n[plug', '_default/hosts.toml': good },
    endpoints: [reg],
    findings: ['CONFIG_BROKEN?'],
  },
  'more drop-ins that are not imported than are looked at': {
    config: v3,
    files: {
      ...Object.fromEntries(
        Array.from({ length: egressLimits.imports + 1 }, (_, n) => [`/etc/containerd/conf.d/${n}.toml`, 'version = 3']),
      ),
      '_default/hosts.toml': good,
    },
    endpoints: [reg],
    findings: ['IMPORTS_TOO_MANY?'],
  },
  'a drop-in takes the whole section in containerd 1': {
    config: v2.replace('version = 2', 'version = 2\nimports = ["/etc/containerd/x.toml"]'),
    files: {
      '/etc/containerd/x.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "p.io/pause"\n',
      '_default/hosts.toml': good,
    },
    endpoints: [reg],
    findings: ['IMPORT_REPLACES!'],
  },
  'an import that is broken, and one that is missing': {
    config: `imports = ["/x.toml", "/y.toml", "/etc/containerd/config.toml"]\n${v3}`.replace('imports', 'imports'),
    files: { '/x.toml': '[', '_default/hosts.toml': good },
    endpoints: [],
    findings: ['CONFIG_BROKEN?', 'IMPORT_MISSING?'],
  },
  'mirrors and config_path together': {
    config: `${v2}[plugins."io.containerd.grpc.v1.cri".registry.mirrors."*"]\nendpoint = ["https://a"]\n`,
    files: { '_default/hosts.toml': good },
    endpoints: [reg],
    findings: ['MIRRORS_AND_PATH?'],
  },
  'the CRI plugin switched off': {
    config: `disabled_plugins = ["cri"]\n${v2}`,
    files: { '_default/hosts.toml': good },
    endpoints: [reg],
    findings: ['CRI_DISABLED'],
  },
});
