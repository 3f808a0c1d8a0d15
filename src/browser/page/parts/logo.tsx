/** The mark: a small fleet under sail. The same drawing as public/icon.svg, in the accent colour. */
export const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
    <path d="M11.2 3c5.83 5.12 9.86 12.3 10.6 20.5H11.2z" />
    <path d="M23.4 10c3.74 3.38 6.32 8.1 6.8 13.5H23.4z" opacity=".72" />
    <path d="M2.2 12.5c3.52 2.75 5.95 6.6 6.4 11H2.2z" opacity=".5" />
    <path d="M3.4 26h25.2a1.5 1.5 0 0 1 0 3H3.4a1.5 1.5 0 0 1 0-3z" />
  </svg>
)
