export function startCase(): void {}
