/** True for what lies in a folder of installed packages: its lock file is the package's own and was not followed. */
export function isInstalledCopy(path: string, folder: 'node_modules' | 'vendor'): boolean {
  return path.startsWith(`${folder}/`) || path.includes(`/${folder}/`);
}
