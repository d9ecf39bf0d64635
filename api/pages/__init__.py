"""The few pages that only a server can show: sign-in, second factor, consent, invitation."""
