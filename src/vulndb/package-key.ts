/**
 * The form in which a package's name is stored and looked up, so that spellings which an ecosystem takes for one are
 * one. Ecosystems not named here compare letter for letter (Go, Maven, crates.io, RubyGems, every distribution).
 */
export function packageKey(ecosystem: string, name: string): string {
  switch (ecosystem) {
    case 'PyPI':
      // PEP 503, "Normalized Names".
      return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
    case 'NuGet':
    case 'Packagist':
    case 'Bitnami':
      // nuget.org and packagist.org take names without regard to case.
      return name.toLowerCase();
    default:
      return name;
  }
}
