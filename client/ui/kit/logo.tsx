// Conch's mark: a shell as one spiral line, in the colour of its surroundings.

export function Logo({ size = 20 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" class="kit-logo">
      <path
        d="M20.5 9.2C19.6 5.4 16 3 12.1 3 7 3 3 6.9 3 11.7c0 4 3 7.6 7.3 7.6 3.6 0 6.3-2.7 6.3-6 0-2.8-2.1-4.9-4.8-4.9-2.2 0-3.9 1.6-3.9 3.7 0 1.6 1.2 2.9 2.8 2.9"
        stroke="var(--accent)"
        stroke-width="2.2"
        stroke-linecap="round"
      />
      <path
        d="M20.5 9.2c.8 4.2-.6 8.6-4 11.8"
        stroke="var(--accent)"
        stroke-width="2.2"
        stroke-linecap="round"
      />
    </svg>
  );
}
