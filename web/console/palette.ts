export function startPalette(): void {}
