from . import stm_demo
