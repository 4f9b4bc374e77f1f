from fastapi import APIRouter
def router(doors, render, services): return APIRouter()
