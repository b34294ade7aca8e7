// What was searched for is still there when one comes back from a home; it goes when the phone is locked or closed.
import { ref } from "vue";

export const asked = ref("");
