export function startQueue(): void {}
