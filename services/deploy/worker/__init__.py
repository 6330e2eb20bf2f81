"""The time door of the deploy domain: claims work orders, does one stage at a time, and runs the local compute node beside it."""
