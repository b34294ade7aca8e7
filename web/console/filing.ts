export function startFiling(): void {}
