export function startKeys(): void {}
